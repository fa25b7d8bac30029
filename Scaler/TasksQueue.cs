using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SdAspire.Generation;

namespace SdAspire.Scaler;

/// <summary>
/// The queue <c>tasks</c> as the launcher sees it: how many messages wait, and a sign when one more arrives. The signs come
/// to a queue of the launcher's own, which holds one and drops the rest: any number means "look again".
/// </summary>
public sealed class TasksQueue : IAsyncDisposable
{
    private static readonly Dictionary<string, object?> WakeUpArguments = new() { ["x-max-length"] = 1, ["x-overflow"] = "drop-head" };

    private readonly IChannel _channel;
    private ulong _wakeUp;

    private TasksQueue(IChannel channel) => _channel = channel;

    /// <exception cref="BrokerUnavailableException">There is no broker now.</exception>
    public static async Task<TasksQueue> OpenAsync(
        BrokerConnection broker, GenerationTopology topology, WakeSignal wake, CancellationToken cancellationToken)
    {
        var connection = await broker.GetAsync(cancellationToken);
        return await TranslateAsync(async () =>
        {
            // Someone may have deleted a queue since the connection was made.
            await topology.DeclareAsync(connection, cancellationToken);
            var queue = new TasksQueue(await connection.CreateChannelAsync(cancellationToken: cancellationToken));
            try
            {
                await queue.SubscribeAsync(wake, cancellationToken);
                return queue;
            }
            catch
            {
                await queue.DisposeAsync();
                throw;
            }
        }, cancellationToken);
    }

    public bool IsOpen => _channel.IsOpen;

    /// <summary>Messages that wait and that no worker has taken: a passive declare is exact at once.</summary>
    /// <exception cref="BrokerUnavailableException">The broker went away.</exception>
    public Task<uint> CountReadyAsync(CancellationToken cancellationToken) => TranslateAsync(
        async () => (await _channel.QueueDeclarePassiveAsync(GenerationTopology.Queue, cancellationToken)).MessageCount, cancellationToken);

    /// <summary>Asks for the next sign. Call it before counting: what arrives later is then signalled later.</summary>
    public Task AwaitNextWakeUpAsync(CancellationToken cancellationToken) => TranslateAsync(async () =>
    {
        if (Interlocked.Exchange(ref _wakeUp, 0) is > 0 and var tag)
            await _channel.BasicAckAsync(tag, multiple: true, cancellationToken);
        return true;
    }, cancellationToken);

    public ValueTask DisposeAsync() => _channel.DisposeQuietlyAsync();

    private async Task SubscribeAsync(WakeSignal wake, CancellationToken cancellationToken)
    {
        _channel.ChannelShutdownAsync += (_, _) =>
        {
            wake.Raise(Wake.Disconnected);
            return Task.CompletedTask;
        };
        await _channel.BasicQosAsync(0, prefetchCount: 1, global: false, cancellationToken);
        var queue = await _channel.QueueDeclareAsync(
            queue: "", durable: false, exclusive: true, autoDelete: true, WakeUpArguments, cancellationToken: cancellationToken);
        await _channel.QueueBindAsync(
            queue.QueueName, GenerationTopology.WakeUpExchange, routingKey: "", cancellationToken: cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            Interlocked.Exchange(ref _wakeUp, delivery.DeliveryTag);
            wake.Raise(Wake.Message);
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync(queue.QueueName, autoAck: false, consumer, cancellationToken);
    }

    private static async Task<T> TranslateAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request();
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e, cancellationToken))
        {
            throw new BrokerUnavailableException($"The message broker went away: {e.Message}", e);
        }
    }
}
