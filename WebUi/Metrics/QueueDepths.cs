using System.Diagnostics.Metrics;
using RabbitMQ.Client;
using SdAspire.Generation;
using SdAspire.ServiceDefaults;

namespace SdAspire.WebUi.Metrics;

/// <summary>Asks the broker every few seconds how many tasks wait in each model's queue.</summary>
public sealed class QueueDepths : BackgroundService
{
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = Untraced.Begin();
        while (!stoppingToken.IsCancellationRequested)
        {
            var depths = new List<Measurement<long>>();
            foreach (var model in _models.Models)
            {
                // What is not known is left out: an old figure would pass for a new one.
                if (await ReadAsync(model.Queue, stoppingToken) is { } depth)
                    depths.Add(new(depth, new("model", model.Name), new("queue", model.Queue)));
            }
            _depths = depths;
            await Task.Delay(Period, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long?> ReadAsync(string queue, CancellationToken cancellationToken)
    {
        IChannel? channel = null;
        try
        {
            var connection = await _broker.GetAsync(cancellationToken);
            // The broker closes the channel if there is no such queue, hence one for each.
            channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return await channel.MessageCountAsync(queue, cancellationToken);
        }
        catch (Exception e) when (e is BrokerException or OperationCanceledException || BrokerConnection.IsConnectionFailure(e))
        {
            return null;
        }
        finally
        {
            if (channel is not null)
                await channel.DisposeQuietlyAsync();
        }
    }
}
