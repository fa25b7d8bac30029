using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace SdAspire.Generation;

/// <summary>Publishes news about tasks, unconfirmed. It never fails: the truth is in the bucket, news may be lost.</summary>
public sealed partial class EventPublisher(BrokerConnection broker, ILogger<EventPublisher> logger) : IAsyncDisposable
{
    // A task that is in the queue is there: whoever queued it is not kept waiting for news of it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _publishing = new(1, 1);
    private IChannel? _channel;

    public async Task PublishAsync(GenerationEvent news, CancellationToken cancellationToken = default)
    {
        try
        {
            await SendAsync(news, cancellationToken);
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e, cancellationToken) || e is BrokerException)
        {
            LogLost(news.Type, news.Id, e.Message);
        }
    }

    /// <summary>Tells the page's other replicas of tasks that were queued.</summary>
    public Task AnnounceAsync(DateTimeOffset at, params IEnumerable<GenerationTask> tasks) => AnnounceAsync(tasks.Select(task =>
        new GenerationEvent { Id = task.Id, Type = GenerationEventType.Accepted, At = at, Task = task }));

    /// <summary>Publishes news that somebody waits for, who is not kept waiting for long.</summary>
    public Task AnnounceAsync(GenerationEvent news) => AnnounceAsync([news]);

    /// <summary>Tells launchers that a task was queued. Who misses it sees the task at the next poll.</summary>
    internal async Task WakeUpAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await PublishAsync(GenerationTopology.WakeUpExchange, "", new BasicProperties(), default, timeout.Token);
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e) || e is BrokerException)
        {
            LogWakeUpLost(e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
            await channel.DisposeQuietlyAsync();
        _publishing.Dispose();
    }

    private async Task AnnounceAsync(IEnumerable<GenerationEvent> all)
    {
        using var timeout = new CancellationTokenSource(Patience);
        foreach (var news in all)
        {
            try
            {
                await SendAsync(news, timeout.Token);
            }
            catch (Exception e) when (BrokerConnection.IsConnectionFailure(e) || e is BrokerException)
            {
                LogLost(news.Type, news.Id, e.Message);
            }
        }
    }

    private Task SendAsync(GenerationEvent news, CancellationToken cancellationToken) => PublishAsync(
        GenerationTopology.EventsExchange, news.Id, new BasicProperties { ContentType = "application/json" },
        news.ToUtf8Json(), cancellationToken);

    private async Task PublishAsync(
        string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        await _publishing.WaitAsync(cancellationToken);
        try
        {
            if (_channel is not { IsOpen: true })
            {
                if (_channel is { } closed)
                    await closed.DisposeQuietlyAsync();
                var connection = await broker.GetAsync(cancellationToken);
                _channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            }
            await _channel.BasicPublishAsync(exchange, routingKey, mandatory: false, properties, body, cancellationToken);
        }
        finally
        {
            _publishing.Release();
        }
    }

    [LoggerMessage(LogLevel.Debug, "The event {Type} of {Id} was lost: {Message}")]
    private partial void LogLost(GenerationEventType type, string id, string message);

    [LoggerMessage(LogLevel.Debug, "A wake-up was lost: {Message}")]
    private partial void LogWakeUpLost(string message);
}
