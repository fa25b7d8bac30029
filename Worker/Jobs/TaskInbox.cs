using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SdAspire.Generation;

namespace SdAspire.Worker.Jobs;

/// <summary>A message that was taken and is not acknowledged yet.</summary>
/// <param name="TakenAt">When, as the clock's timestamp.</param>
public sealed record Delivery(ulong Tag, IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body, long TakenAt);

/// <summary>Takes one message from the queue and answers for it.</summary>
public sealed class TaskInbox : IAsyncDisposable
{
    private readonly IChannel _channel;

    private TaskInbox(IChannel channel) => _channel = channel;

    /// <exception cref="BrokerUnavailableException">There is no broker now.</exception>
    public static async Task<TaskInbox> OpenAsync(BrokerConnection broker, CancellationToken cancellationToken)
    {
        var connection = await broker.GetAsync(cancellationToken);
        return await TranslateAsync(async () =>
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            try
            {
                await channel.BasicQosAsync(0, prefetchCount: 1, global: false, cancellationToken);
            }
            catch
            {
                await channel.DisposeQuietlyAsync();
                throw;
            }
            return new TaskInbox(channel);
        }, cancellationToken);
    }

    /// <returns>Null if no message came within the wait.</returns>
    /// <exception cref="BrokerUnavailableException">The broker went away.</exception>
    public async Task<Delivery?> TakeAsync(string queue, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        var taken = new TaskCompletionSource<Delivery>(TaskCreationOptions.RunContinuationsAsynchronously);
        _channel.ChannelShutdownAsync += (_, reason) =>
        {
            taken.TrySetException(new BrokerUnavailableException($"The message broker went away: {reason.ReplyText}"));
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            // The body belongs to the client again when this returns.
            taken.TrySetResult(new Delivery(
                message.DeliveryTag, new BasicProperties(message.BasicProperties), message.Body.ToArray(), time.GetTimestamp()));
            return Task.CompletedTask;
        };
        return await TranslateAsync(async () =>
        {
            var tag = await _channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
            try
            {
                await taken.Task.WaitAsync(wait, time, cancellationToken);
            }
            catch (TimeoutException)
            {
            }
            // Or the acknowledgement of this message would fetch the next one.
            await _channel.BasicCancelAsync(tag, cancellationToken: cancellationToken);
            return taken.Task.IsCompleted ? await taken.Task : null;
        }, cancellationToken);
    }

    /// <exception cref="BrokerUnavailableException">The broker went away; the message is in the queue again.</exception>
    public Task AcknowledgeAsync(Delivery delivery) => TranslateAsync(async () =>
    {
        await _channel.BasicAckAsync(delivery.Tag, multiple: false);
        return true;
    });

    /// <summary>Puts the message back, uncounted: it was not the prompt's fault.</summary>
    /// <exception cref="BrokerUnavailableException">The broker went away; the message is in the queue again.</exception>
    public Task PutBackAsync(Delivery delivery) => TranslateAsync(async () =>
    {
        await _channel.BasicNackAsync(delivery.Tag, multiple: false, requeue: true);
        // The answer to the close comes after the nack was worked on.
        await _channel.CloseAsync();
        return true;
    });

    public ValueTask DisposeAsync() => _channel.DisposeQuietlyAsync();

    private static async Task<T> TranslateAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken = default)
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
