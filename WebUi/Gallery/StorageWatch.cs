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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What nobody asked for is no trace: these rounds would bury those of the pictures.
        using var untraced = Untraced.Begin();
        var well = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!board.IsLoaded)
                    await records.LoadAsync(stoppingToken);
                else
                    await store.CheckAsync(stoppingToken);
                board.IsLoaded = true;
                board.SetNotice(Part, null);
                well = true;
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
            await Task.Delay(well ? Period : RetryPeriod, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Message}")]
    private partial void LogAway(string message);
}
