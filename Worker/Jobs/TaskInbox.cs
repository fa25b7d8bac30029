using System.Threading.Channels;
using RabbitMQ.Client;
using SdAspire.Generation;

namespace SdAspire.Worker.Jobs;

/// <summary>A message that was taken and is not acknowledged yet.</summary>
/// <param name="TakenAt">When, as the clock's timestamp.</param>
public sealed record Delivery(ulong Tag, IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body, long TakenAt);

/// <summary>Takes messages from the queue and answers for each of them.</summary>
/// <remarks>
/// A subscription brings the next message with the acknowledgement of the one before. It is ended first wherever the next one is
/// not wanted: what goes back unread can count as one more lost worker.
/// </remarks>
public sealed class TaskInbox : IAsyncDisposable
{
    private readonly Channel<Delivery> _arrived = Channel.CreateUnbounded<Delivery>();
    // Tasks of one round answer at the same time, and a channel is for one at a time.
    private readonly SemaphoreSlim _answering = new(1, 1);
    private readonly IChannel _channel;
    private readonly string _queue;
    private readonly TimeProvider _time;
    private string? _subscription;
    private volatile bool _closed;

    private TaskInbox(IChannel channel, string queue, TimeProvider time)
    {
        (_channel, _queue, _time) = (channel, queue, time);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            Close($"The message broker went away: {reason.ReplyText}");
            return Task.CompletedTask;
        };
    }

    /// <summary>Nothing can be taken any more, for whatever reason.</summary>
    public event Action? Closed;

    public bool IsOpen => _channel.IsOpen && !_closed;

    /// <exception cref="BrokerUnavailableException">There is no broker now.</exception>
    public static async Task<TaskInbox> OpenAsync(
        BrokerConnection broker, string queue, TimeProvider time, CancellationToken cancellationToken)
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
            return new TaskInbox(channel, queue, time);
        }, cancellationToken);
    }

    /// <summary>Has the broker deliver a message as soon as there is one and none is in hand.</summary>
    /// <exception cref="BrokerUnavailableException">The broker went away, or does not know the queue.</exception>
    public Task SubscribeAsync(CancellationToken cancellationToken) => TranslateAsync(
        async () => _subscription ??=
            await _channel.BasicConsumeAsync(_queue, autoAck: false, new Consumer(this), cancellationToken),
        cancellationToken);

    /// <summary>Takes a message.</summary>
    /// <param name="wait">Zero takes what is in the queue now.</param>
    /// <param name="stay">Whether the subscription stays, to bring more.</param>
    /// <returns>Null if no message came within the wait.</returns>
    /// <exception cref="BrokerUnavailableException">The broker went away.</exception>
    public Task<Delivery?> TakeAsync(TimeSpan wait, bool stay, CancellationToken cancellationToken) => TranslateAsync(async () =>
    {
        if (wait == TimeSpan.Zero)
            return await _channel.BasicGetAsync(_queue, autoAck: false, cancellationToken) is { } message
                ? new Delivery(message.DeliveryTag, message.BasicProperties, message.Body, _time.GetTimestamp())
                : null;

        await SubscribeAsync(cancellationToken);
        try
        {
            await _arrived.Reader.WaitToReadAsync(cancellationToken).AsTask().WaitAsync(wait, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
        }
        if (!stay)
            await UnsubscribeAsync();
        // What was delivered over a channel that is closed is in the queue again.
        return _channel.IsOpen
            ? _arrived.Reader.TryRead(out var delivery) ? delivery with { TakenAt = _time.GetTimestamp() } : null
            : throw new BrokerUnavailableException("The message broker went away.");
    }, cancellationToken);

    /// <param name="delivery">What was taken.</param>
    /// <param name="stay">Whether the subscription stays, and brings the next message.</param>
    /// <exception cref="BrokerUnavailableException">The broker went away; the message is in the queue again.</exception>
    public Task AcknowledgeAsync(Delivery delivery, bool stay) => AnswerAsync(async () =>
    {
        if (!stay)
            await UnsubscribeAsync();
        await _channel.BasicAckAsync(delivery.Tag, multiple: false);
    });

    /// <summary>Puts a message back, uncounted: it was not the prompt's fault.</summary>
    /// <exception cref="BrokerUnavailableException">The broker went away; the message is in the queue again.</exception>
    public Task PutBackAsync(Delivery delivery) => AnswerAsync(async () =>
    {
        // Or it would come straight back.
        await UnsubscribeAsync();
        await _channel.BasicNackAsync(delivery.Tag, multiple: false, requeue: true);
    });

    /// <summary>Puts back what is not acknowledged, and waits until the broker has worked on it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_channel.IsOpen)
                await AnswerAsync(async () =>
                {
                    await UnsubscribeAsync();
                    await _channel.BasicNackAsync(deliveryTag: 0, multiple: true, requeue: true);
                });
        }
        catch (BrokerException)
        {
        }
        // The broker answers after everything that came before.
        await _channel.DisposeQuietlyAsync();
        _answering.Dispose();
    }

    private Task AnswerAsync(Func<Task> answer) => TranslateAsync(async () =>
    {
        await _answering.WaitAsync();
        try
        {
            await answer();
            return true;
        }
        finally
        {
            _answering.Release();
        }
    });

    private async Task UnsubscribeAsync()
    {
        if (_subscription is not { } tag)
            return;
        _subscription = null;
        await _channel.BasicCancelAsync(tag);
    }

    private void Close(string reason)
    {
        _closed = true;
        _arrived.Writer.TryComplete(new BrokerUnavailableException(reason));
        Closed?.Invoke();
    }

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

    private sealed class Consumer(TaskInbox inbox) : AsyncDefaultBasicConsumer(inbox._channel)
    {
        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
            IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            // The body belongs to the client again when this returns.
            inbox._arrived.Writer.TryWrite(
                new Delivery(deliveryTag, new BasicProperties(properties), body.ToArray(), inbox._time.GetTimestamp()));
            return Task.CompletedTask;
        }

        // The broker's own doing: the queue was deleted, for one.
        public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            inbox.Close($"The message broker ended the subscription to '{inbox._queue}'.");
            return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }
    }
}
