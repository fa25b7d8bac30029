using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace SdAspire.Generation;

/// <summary>Publishes news about tasks, unconfirmed. It never fails: the truth is in the bucket, news may be lost.</summary>
public sealed partial class EventPublisher(BrokerConnection broker, ILogger<EventPublisher> logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _publishing = new(1, 1);
    private IChannel? _channel;

    public async Task PublishAsync(GenerationEvent news, CancellationToken cancellationToken = default)
    {
        await _publishing.WaitAsync(cancellationToken);
        try
        {
            if (_channel is not { IsOpen: true })
            {
                if (_channel is { } closed)
                    await closed.DisposeAsync();
                var connection = await broker.GetAsync(cancellationToken);
                _channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            }
            await _channel.BasicPublishAsync(
                GenerationTopology.EventsExchange, routingKey: news.Id, mandatory: false,
                new BasicProperties { ContentType = "application/json" }, news.ToUtf8Json(), cancellationToken);
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e) || e is BrokerException)
        {
            LogLost(news.Type, news.Id, e.Message);
        }
        finally
        {
            _publishing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
            await channel.DisposeAsync();
        _publishing.Dispose();
    }

    [LoggerMessage(LogLevel.Debug, "The event {Type} of {Id} was lost: {Message}")]
    private partial void LogLost(GenerationEventType type, string id, string message);
}
