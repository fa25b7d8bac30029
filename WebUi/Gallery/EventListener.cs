using SdAspire.Generation;
using SdAspire.ServiceDefaults;
using SdAspire.WebUi.Metrics;

namespace SdAspire.WebUi.Gallery;

/// <summary>Feeds the board with the workers' events, and says on the board when the broker is away.</summary>
public sealed partial class EventListener(
    EventSubscriber subscriber, Records records, StorageWatch storage, IObjectStore store, GenerationBoard board,
    GenerationMetrics metrics, TimeProvider time, ILogger<EventListener> logger) : BackgroundService
{
    private const string Part = "messaging";

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);

    // A connection may be dead for so long before that is noticed.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(3);

    private DateTimeOffset _heardUntil = time.GetUtcNow();
    private bool _connected = true;
    private volatile bool _isListening;

    /// <summary>Whether what happens now will be heard of here.</summary>
    public bool IsListening => _isListening;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var news in subscriber.ReadAsync(OnSubscribed, stoppingToken))
                    await ApplyAsync(news, stoppingToken);
            }
            catch (BrokerUnavailableException e)
            {
                if (_connected)
                    LogAway(e.Message);
                if (_isListening)
                    _heardUntil = time.GetUtcNow();
                _connected = false;
                _isListening = false;
                board.SetNotice(Part, "The message broker cannot be reached: new pictures cannot be asked for until it is back.");
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(RetryPeriod, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task OnSubscribed(CancellationToken cancellationToken)
    {
        _connected = true;
        _isListening = true;
        board.SetNotice(Part, null);
        storage.CatchUp(_heardUntil - LongestSilence);
        return Task.CompletedTask;
    }

    private async Task ApplyAsync(GenerationEvent news, CancellationToken cancellationToken)
    {
        if (news is { Type: GenerationEventType.Accepted, Task: { } task })
        {
            await AcceptAsync(task, cancellationToken);
            return;
        }
        if (news.Type == GenerationEventType.Deleted)
        {
            board.Delete(news.Id);
            return;
        }
        // This replica's own.
        if (news.Type == GenerationEventType.Cancelled && board.Find(news.Id) is { Status: GenerationStatus.Cancelled })
            return;
        if (news.Type is GenerationEventType.Done or GenerationEventType.Failed or GenerationEventType.Cancelled)
        {
            // The picture's trace has ended, and this would begin another.
            using var untraced = Untraced.Begin();
            try
            {
                // The record says more than the event, and is written before it.
                if (await records.RefreshAsync(news.Id, cancellationToken) is { IsFinished: true })
                    return;
            }
            catch (StorageUnavailableException)
            {
                // The event alone has to do.
            }
        }
        board.Apply(news);
    }

    private async Task AcceptAsync(GenerationTask task, CancellationToken cancellationToken)
    {
        switch (board.Find(task.Id))
        {
            case null:
                board.Accept(task);
                metrics.Accepted(task);
                break;
            // Queued again, unless this is late news of the first time.
            case { IsRetryable: true } when !await HasEndedAsync(task.Id, cancellationToken):
                board.Reopen(task);
                break;
            // This replica's own is on the board already; another may have published it again.
            default:
                board.Heard(task.Id);
                break;
        }
    }

    private async Task<bool> HasEndedAsync(string id, CancellationToken cancellationToken)
    {
        using var untraced = Untraced.Begin();
        try
        {
            return await store.ExistsAsync(ObjectKeys.Record(id), cancellationToken);
        }
        catch (StorageUnavailableException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Message}")]
    private partial void LogAway(string message);
}
