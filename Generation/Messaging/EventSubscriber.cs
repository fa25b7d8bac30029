using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace SdAspire.Generation;

/// <summary>Receives the events of all tasks through an exclusive queue of its own.</summary>
public sealed partial class EventSubscriber(BrokerConnection broker, ILogger<EventSubscriber> logger)
{
    private const int ProgressInWaiting = 4096;

    /// <summary>The events from now on; ends with <see cref="BrokerUnavailableException"/> when the broker goes away.</summary>
    /// <param name="subscribed">Called once the queue stands: what happens afterwards will be seen.</param>
    public async IAsyncEnumerable<GenerationEvent> ReadAsync(
        Func<CancellationToken, Task>? subscribed = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var events = Channel.CreateUnbounded<GenerationEvent>();
        var channel = await SubscribeAsync(events, cancellationToken);
        try
        {
            if (subscribed is not null)
                await subscribed(cancellationToken);
            await foreach (var news in events.Reader.ReadAllAsync(cancellationToken))
                yield return news;
        }
        finally
        {
            await channel.DisposeQuietlyAsync();
        }
    }

    private async Task<IChannel> SubscribeAsync(Channel<GenerationEvent> events, CancellationToken cancellationToken)
    {
        var connection = await broker.GetAsync(cancellationToken);
        IChannel? channel = null;
        try
        {
            channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            channel.ChannelShutdownAsync += (_, reason) =>
            {
                events.Writer.TryComplete(WentAway(reason.Exception?.Message ?? reason.ReplyText, reason.Exception));
                return Task.CompletedTask;
            };
            var queue = await channel.QueueDeclareAsync(cancellationToken: cancellationToken);
            await channel.QueueBindAsync(
                queue.QueueName, GenerationTopology.EventsExchange, routingKey: "#", cancellationToken: cancellationToken);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                // Progress that nobody reads in time is worthless; what was accepted and how it ended is not.
                if (Parse(delivery.Body.Span) is { } news
                    && (news.Type != GenerationEventType.Step || events.Reader.Count < ProgressInWaiting))
                    events.Writer.TryWrite(news);
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, cancellationToken);
            return channel;
        }
        catch (Exception e)
        {
            if (channel is not null)
                await channel.DisposeQuietlyAsync();
            if (BrokerConnection.IsConnectionFailure(e, cancellationToken))
                throw WentAway(e.Message, e);
            throw;
        }
    }

    private BrokerUnavailableException WentAway(string why, Exception? e) =>
        new($"The message broker at {broker.Endpoint} went away: {why}", e);

    private GenerationEvent? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, GenerationJson.Default.GenerationEvent);
        }
        catch (JsonException e)
        {
            LogMalformed(e.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "An event that cannot be read was skipped: {Message}")]
    private partial void LogMalformed(string message);
}
