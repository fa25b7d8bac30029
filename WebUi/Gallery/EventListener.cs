using SdAspire.Generation;
using SdAspire.ServiceDefaults;
using SdAspire.WebUi.Metrics;

namespace SdAspire.WebUi.Gallery;

/// <summary>Feeds the board with the workers' events, and says on the board when the broker is away.</summary>
public sealed partial class EventListener(
    EventSubscriber subscriber, Records records, GenerationBoard board, GenerationMetrics metrics, TimeProvider time,
    ILogger<EventListener> logger) : BackgroundService
{
    private const string Part = "messaging";

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);

    private bool _connected = true;

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
                _connected = false;
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
        board.SetNotice(Part, null);
        return Task.CompletedTask;
    }

    private async Task ApplyAsync(GenerationEvent news, CancellationToken cancellationToken)
    {
        if (news is { Type: GenerationEventType.Accepted, Task: { } task })
        {
            // This replica's own are on the board already.
            if (board.Find(task.Id) is null)
            {
                board.Accept(task);
                metrics.Accepted(task);
            }
            return;
        }
        if (news.Type is GenerationEventType.Done or GenerationEventType.Failed)
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

    [LoggerMessage(LogLevel.Warning, "{Message}")]
    private partial void LogAway(string message);
}
