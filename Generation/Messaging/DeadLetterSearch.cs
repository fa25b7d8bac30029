using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace SdAspire.Generation;

/// <summary>One pass through the dead letters.</summary>
/// <remarks>
/// In windows: the broker delivers as many as may be unacknowledged, these are confirmed at the tail together, and their
/// acknowledgement brings the next ones. While a window is full nothing else is on its way, so that the pass can end without
/// anything that goes back by itself.
/// </remarks>
internal sealed class DeadLetterSearch(IChannel channel)
{
    // From 32 commands on that a quorum queue has not worked on yet, the broker's side of the channel keeps further ones to
    // itself, and loses them if the channel is closed: acknowledged letters would come back.
    private const int WindowSize = 24;

    private static readonly TimeSpan DeliveryPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Sees at least every letter that was there at the start, and some of those a second time.</summary>
    /// <param name="take">
    /// Whether a letter is to stay with the caller, unacknowledged; the pass ends once a whole window is.
    /// </param>
    public async Task RunAsync(Func<DeadLetter, bool> take)
    {
        var total = await channel.MessageCountAsync(GenerationTopology.DeadQueue);
        if (total == 0)
            return;
        // Not more than there are: what is put at the tail must not come again before its turn.
        var credit = (int)Math.Min(total, WindowSize);
        await channel.BasicQosAsync(0, (ushort)credit, global: false);
        var arrivals = new Arrivals(channel);
        var subscription = await channel.BasicConsumeAsync(GenerationTopology.DeadQueue, autoAck: false, arrivals);
        for (uint seen = 0; ;)
        {
            var others = new List<DeadLetter>();
            var isShort = false;
            for (var expected = credit; expected > 0 && !isShort; expected--)
            {
                if (await arrivals.NextAsync(DeliveryPatience) is not { } letter)
                {
                    // Somebody else has taken some.
                    isShort = true;
                    continue;
                }
                seen++;
                if (take(letter))
                    credit--;
                else
                    others.Add(letter);
            }
            var isLast = seen >= total || isShort || credit == 0;
            if (isLast)
                await channel.BasicCancelAsync(subscription);
            while (isShort && arrivals.TryNext() is { } late)
                others.Add(late);
            await PutAtTailAsync(others);
            if (isLast)
                return;
        }
    }

    /// <summary>Publishes the letters to the tail of their queue, and acknowledges them once the broker has the copies.</summary>
    public async Task PutAtTailAsync(IReadOnlyCollection<DeadLetter> letters)
    {
        using var timeout = new CancellationTokenSource(ConfirmTimeout);
        await Task.WhenAll(letters.Select(letter => channel.BasicPublishAsync(
            GenerationTopology.DeadExchange, GenerationTopology.DeadQueue, mandatory: true, letter.Message.Properties,
            letter.Message.Body, timeout.Token).AsTask()));
        foreach (var letter in letters)
            await channel.BasicAckAsync(letter.Message.Tag, multiple: false, timeout.Token);
    }

    private sealed class Arrivals(IChannel channel) : AsyncDefaultBasicConsumer(channel)
    {
        private readonly Channel<DeadLetter> _letters = System.Threading.Channels.Channel.CreateUnbounded<DeadLetter>();

        /// <returns>Null if none came in time.</returns>
        public async Task<DeadLetter?> NextAsync(TimeSpan patience)
        {
            using var late = new CancellationTokenSource(patience);
            try
            {
                return await _letters.Reader.ReadAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
            catch (ChannelClosedException e)
            {
                throw new BrokerUnavailableException("The message broker went away while the dead letters were read.", e);
            }
        }

        public DeadLetter? TryNext() => _letters.Reader.TryRead(out var letter) ? letter : null;

        public override Task HandleBasicDeliverAsync(
            string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
            IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        {
            var own = new BasicProperties(properties);
            own.Headers?.Remove(MessageHeaders.DeliveryCount);
            // The body belongs to the client again when this returns.
            _letters.Writer.TryWrite(new DeadLetter(
                properties.MessageId, MessageHeaders.ReadReason(properties), MessageHeaders.ReadAttempts(properties))
            {
                Message = new(deliveryTag, own, body.ToArray()),
            });
            return Task.CompletedTask;
        }

        public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            _letters.Writer.TryComplete();
            return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }

        public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
        {
            _letters.Writer.TryComplete();
            return base.HandleChannelShutdownAsync(channel, reason);
        }
    }
}
