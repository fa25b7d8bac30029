using System.Diagnostics.Metrics;
using SdAspire.Generation;
using SdAspire.ServiceDefaults;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Metrics;

/// <summary>Asks the broker every few seconds how many tasks wait in each model's queue.</summary>
public sealed class QueueDepths : BackgroundService
{
    private const string QueueTag = "queue";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly BrokerConnection _broker;
    private readonly ModelCatalog _models;
    private readonly TimeProvider _time;
    private volatile IReadOnlyList<Measurement<long>> _depths = [];

    public QueueDepths(BrokerConnection broker, ModelCatalog models, IMeterFactory meters, TimeProvider time)
    {
        (_broker, _models, _time) = (broker, models, time);
        meters.Create(GenerationMetrics.MeterName).CreateObservableGauge(
            "sdaspire.queue.messages", () => _depths, "{message}", "Messages in the model's queue that no worker has taken.");
    }

    /// <summary>How many messages of the queue no worker has taken; null where that is not known.</summary>
    public long? Find(string queue)
    {
        foreach (var depth in _depths)
        {
            if (depth.Tags.ToArray().Any(tag => tag.Key == QueueTag && tag.Value as string == queue))
                return depth.Value;
        }
        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = Untraced.Begin();
        while (!stoppingToken.IsCancellationRequested)
        {
            var depths = new List<Measurement<long>>();
            foreach (var model in _models.Models)
            {
                // What is not known is left out: an old figure would pass for a new one.
                if (await _broker.CountReadyAsync(model.Queue, stoppingToken) is { } depth)
                    depths.Add(new(depth, new("model", model.Name), new(QueueTag, model.Queue)));
            }
            _depths = depths;
            await Task.Delay(Period, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
