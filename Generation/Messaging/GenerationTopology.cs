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

    /// <summary>Where those who show previews have a queue while somebody looks; see <see cref="Onlookers"/>.</summary>
    public const string OnlookersExchange = "generation.onlookers";

    private const string QueueTypeArgument = "x-queue-type";

    /// <summary>Declares everything. What exists with other arguments is used as it is, with a warning.</summary>
    public async Task DeclareAsync(IConnection connection, CancellationToken cancellationToken = default)
    {
        var declarations = Declarations(cancellationToken).ToList();
        try
        {
            // A worker's start waits for this: one channel instead of a dozen.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            foreach (var (_, declareAsync) in declarations)
                await declareAsync(channel);
        }
        catch (OperationInterruptedException e) when (IsMismatch(e))
        {
            foreach (var (name, declareAsync) in declarations)
                await AloneAsync(connection, name, declareAsync, cancellationToken);
        }
    }

    private IEnumerable<(string Name, Func<IChannel, Task> DeclareAsync)> Declarations(CancellationToken cancellationToken)
    {
        (string, Func<IChannel, Task>) Exchange(string name, string type) => (name, channel =>
            channel.ExchangeDeclareAsync(name, type, durable: true, cancellationToken: cancellationToken));

        (string, Func<IChannel, Task>) Queue(string name, Dictionary<string, object?> arguments) => (name, channel =>
            channel.QueueDeclareAsync(
                name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken));

        (string, Func<IChannel, Task>) Binding(string queue, string exchange) => (queue, channel =>
            channel.QueueBindAsync(queue, exchange, routingKey: queue, cancellationToken: cancellationToken));

        yield return Exchange(DeadExchange, ExchangeType.Direct);
        yield return Exchange(GenerationTopology.Exchange, ExchangeType.Direct);
        yield return Exchange(EventsExchange, ExchangeType.Topic);
        yield return Exchange(WakeUpExchange, ExchangeType.Fanout);
        yield return Exchange(OnlookersExchange, ExchangeType.Fanout);

        // Without a limit: dead letters that find no room would stay in their queue and count against its limit.
        yield return Queue(DeadQueue, new() { [QueueTypeArgument] = "quorum" });
        yield return Binding(DeadQueue, DeadExchange);
        foreach (var queue in options.Value.Queues.Append(GenerationTopology.Queue).Distinct(StringComparer.Ordinal))
        {
            yield return Queue(queue, new()
            {
                [QueueTypeArgument] = "quorum",
                ["x-dead-letter-exchange"] = DeadExchange,
                ["x-dead-letter-routing-key"] = DeadQueue,
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
                ["x-max-length"] = options.Value.MaxLength,
                ["x-delivery-limit"] = options.Value.DeliveryLimit,
            });
            yield return Binding(queue, GenerationTopology.Exchange);
        }
    }

    // The broker closes the channel on a mismatch, hence one for each declaration.
    private async Task AloneAsync(
        IConnection connection, string name, Func<IChannel, Task> declareAsync, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await declareAsync(channel);
        }
        catch (OperationInterruptedException e) when (IsMismatch(e))
        {
            LogOtherArguments(name, e.ShutdownReason!.ReplyText);
        }
    }

    private static bool IsMismatch(OperationInterruptedException e) =>
        e.ShutdownReason?.ReplyCode == Constants.PreconditionFailed;

    [LoggerMessage(LogLevel.Warning, "'{Name}' exists with other arguments and is used as it is: {Difference}")]
    private partial void LogOtherArguments(string name, string difference);
}
