namespace SdAspire.Worker.Jobs;

/// <summary>
/// Waits for the engine no longer than it may take. Its thread cannot be interrupted: once it hangs, the process is to end.
/// </summary>
public sealed class Watchdog(WorkerOptions options, TimeProvider time)
{
    private volatile bool _engineHangs;

    /// <summary>The engine can be used for nothing more.</summary>
    public bool EngineHangs => _engineHangs;

    /// <param name="work">What the engine does.</param>
    /// <param name="what">What that is, as the beginning of a sentence.</param>
    /// <param name="pictures">How many are painted together, each of which gives it its time.</param>
    /// <exception cref="HungEngineException">It took too long.</exception>
    public async Task WatchAsync(Task work, string what, CancellationToken cancellationToken, int pictures = 1)
    {
        var limit = options.PictureSeconds > 0
            ? TimeSpan.FromSeconds(options.PictureSeconds) * pictures : Timeout.InfiniteTimeSpan;
        try
        {
            await work.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException) when (!work.IsCompleted)
        {
            _engineHangs = true;
            throw new HungEngineException(
                $"{what} took longer than the {limit.TotalSeconds} s that the watchdog allows (Worker__PictureSeconds).");
        }
    }
}

/// <summary>The engine took longer than the watchdog allows.</summary>
public sealed class HungEngineException(string message) : Exception(message);
