using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SdAspire.Generation;

/// <summary>The one place that declares exchanges and queues, so that any service may start first.</summary>
public sealed partial class GenerationTopology(IOptions<TopologyOptions> options, ILogger<GenerationTopology> logger)
{
    public const string Exchange = "generation";

    /// <summary>The queue of the model where there is one; others are in <see cref="TopologyOptions.Queues"/>.</summary>
    public const string Queue = "tasks";

    public const string DeadExchange = "generation.dead";
    public const string DeadQueue = "tasks.dead";
    public const string EventsExchange = "generation.events";

    /// <summary>
    /// A sign for launchers that a task was queued. It has a route of its own: with any other queue on <see cref="Exchange"/>,
    /// a task that is published while its queue is missing would count as routed, be confirmed and be lost.
    /// </summary>
    public const string WakeUpExchange = "generation.wakeups";

    private const string QueueTypeArgument = "x-queue-type";

    /// <summary>Declares everything. What exists with other arguments is used as it is, with a warning.</summary>
    public async Task DeclareAsync(IConnection connection, CancellationToken cancellationToken = default)
    {
        await ExchangeAsync(DeadExchange, ExchangeType.Direct);
        await ExchangeAsync(Exchange, ExchangeType.Direct);
        await ExchangeAsync(EventsExchange, ExchangeType.Topic);
        await ExchangeAsync(WakeUpExchange, ExchangeType.Fanout);

        // Without a limit: dead letters that find no room would stay in their queue and count against its limit.
        await QueueAsync(DeadQueue, DeadExchange, new() { [QueueTypeArgument] = "quorum" });
        foreach (var queue in options.Value.Queues.Append(Queue).Distinct(StringComparer.Ordinal))
            await QueueAsync(queue, Exchange, TaskArguments());

        Dictionary<string, object?> TaskArguments() => new()
        {
            [QueueTypeArgument] = "quorum",
            ["x-dead-letter-exchange"] = DeadExchange,
            ["x-dead-letter-routing-key"] = DeadQueue,
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
            ["x-max-length"] = options.Value.MaxLength,
            ["x-delivery-limit"] = options.Value.DeliveryLimit,
        };

        Task ExchangeAsync(string name, string type) => DeclareAsync(
            connection, name,
            channel => channel.ExchangeDeclareAsync(name, type, durable: true, cancellationToken: cancellationToken),
            cancellationToken);

        async Task QueueAsync(string name, string exchange, Dictionary<string, object?> arguments)
        {
            await DeclareAsync(
                connection, name,
                channel => channel.QueueDeclareAsync(
                    name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken),
                cancellationToken);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await channel.QueueBindAsync(name, exchange, routingKey: name, cancellationToken: cancellationToken);
        }
    }

    // The broker closes the channel on a mismatch, hence one for each declaration.
    private async Task DeclareAsync(
        IConnection connection, string name, Func<IChannel, Task> declare, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await declare(channel);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.PreconditionFailed)
        {
            LogOtherArguments(name, e.ShutdownReason.ReplyText);
        }
    }

    [LoggerMessage(LogLevel.Warning, "'{Name}' exists with other arguments and is used as it is: {Difference}")]
    private partial void LogOtherArguments(string name, string difference);
}
