using SdAspire.Generation;
using SdAspire.ServiceDefaults;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// Reads the gallery from the bucket once that answers, and asks later for tasks whose events may have been lost.
/// </summary>
public sealed partial class StorageWatch(
    Records records, IObjectStore store, GenerationBoard board, Retention retention, TimeProvider time,
    ILogger<StorageWatch> logger)
    : BackgroundService
{
    private const string Part = "storage";
    private const int TasksPerRound = 50;

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private DateTimeOffset? _unheardSince;
    private TaskCompletionSource _asked = NewSignal();

    /// <summary>Has the index read again from then on: what others accepted was not heard of.</summary>
    public void CatchUp(DateTimeOffset since)
    {
        lock (_gate)
        {
            _unheardSince = _unheardSince < since ? _unheardSince : since;
            _asked.TrySetResult();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What nobody asked for is no trace: these rounds would bury those of the pictures.
        using var untraced = Untraced.Begin();
        var well = true;
        var isComplete = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!board.IsLoaded)
                    await records.LoadAsync(stoppingToken);
                else if (isComplete)
                    await store.CheckAsync(stoppingToken);
                else
                {
                    // In the second round: it lists the whole bucket.
                    await records.LoadUnlistedAsync(stoppingToken);
                    isComplete = true;
                }
                board.IsLoaded = true;
                board.SetNotice(Part, null);
                well = true;
                await CatchUpAsync(stoppingToken);
                foreach (var id in retention.Limit is { } limit ? board.UpTo(limit) : [])
                    board.Withdraw(id);
                foreach (var id in board.Unheard(time.GetUtcNow() - Period, TasksPerRound))
                    await records.RefreshAsync(id, stoppingToken);
            }
            catch (StorageUnavailableException e)
            {
                if (well)
                    LogAway(e.Message);
                well = false;
                board.SetNotice(Part, "The storage cannot be reached: pictures cannot be shown or asked for until it is back.");
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            if (well)
                await Task.WhenAny(_asked.Task, Task.Delay(Period, time, stoppingToken));
            else
                await Task.Delay(RetryPeriod, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? since;
        lock (_gate)
        {
            (since, _unheardSince) = (_unheardSince, null);
            if (_asked.Task.IsCompleted)
                _asked = NewSignal();
        }
        if (since is not { } then)
            return;
        try
        {
            await records.CatchUpAsync(then, cancellationToken);
        }
        catch (StorageUnavailableException)
        {
            CatchUp(then);
            throw;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Warning, "{Message}")]
    private partial void LogAway(string message);
}
