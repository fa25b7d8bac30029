namespace Aspire.Hosting.Running;

/// <summary>
/// One life of a resource, from its start until it is told to stop or has ended for good, restarts after crashes included.
/// </summary>
/// <param name="commanded">Whether a user started it, who sees what becomes of it.</param>
/// <param name="closing">The application stops: nothing is started any more.</param>
sealed class ResourceRun(bool commanded, CancellationToken closing) : IDisposable
{
    private readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(closing);
    private readonly TaskCompletionSource<TimeSpan> _stop = New<TimeSpan>();
    private readonly TaskCompletionSource<string?> _begun = New<string?>();
    private CancellationTokenSource? _pause;

    public bool Commanded => commanded;

    /// <summary>Ends with the life.</summary>
    public Task Task { get; set; } = Task.CompletedTask;

    /// <summary>Completes when the resource runs or waits; with a message if it failed.</summary>
    public Task<string?> Begun => _begun.Task;

    /// <summary>Completes when the resource has to stop, with the time that it may take.</summary>
    public Task<TimeSpan> StopRequested => _stop.Task;

    /// <summary>Cancels what comes before a process runs.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Whether it is told to stop. What else the end of the application cancels may notice before the token does.</summary>
    public bool IsStopping => closing.IsCancellationRequested || _stopping.IsCancellationRequested;

    public void Begin(string? failure = null) => _begun.TrySetResult(failure);

    public void RequestStop(TimeSpan grace)
    {
        _stop.TrySetResult(grace);
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended.
        }
    }

    /// <summary>Waits, unless the user does not want to.</summary>
    public async Task PauseAsync(Func<CancellationToken, Task> wait)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
        Volatile.Write(ref _pause, pause);
        try
        {
            await wait(pause.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (pause.IsCancellationRequested && !IsStopping)
        {
            // Skipped.
        }
        finally
        {
            Volatile.Write(ref _pause, null);
        }
    }

    public void SkipPause()
    {
        try
        {
            Volatile.Read(ref _pause)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was just over.
        }
    }

    public void Dispose() => _stopping.Dispose();

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
