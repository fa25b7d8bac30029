using System.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SdAspire.Generation;

/// <summary>Publishes tasks and dead letters; returns once the broker has them safely.</summary>
public sealed class TaskPublisher(BrokerConnection broker, GenerationTopology topology, EventPublisher events) : IAsyncDisposable
{
    // A broker short of disk or memory stops reading without a word.
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);

    private readonly LastingChannel _channel = new(broker);

    /// <summary>Queues a task and wakes the launchers.</summary>
    /// <exception cref="QueueFullException">The queue is at its limit; nothing was queued.</exception>
    /// <exception cref="UnroutableException">There is no queue; nothing was queued.</exception>
    /// <exception cref="BrokerUnavailableException">
    /// No broker confirmed. If it went away in between, the task may have been queued all the same.
    /// </exception>
    public async Task PublishAsync(
        GenerationTask task, string queue = GenerationTopology.Queue, CancellationToken cancellationToken = default)
    {
        await PublishAgainAsync(task, attempts: 0, queue, cancellationToken: cancellationToken);
        await events.WakeUpAsync();
    }

    /// <summary>Queues tasks together: the broker confirms them as it likes, and the launchers are woken once.</summary>
    /// <returns>For each task why it was not queued, which is thrown where one is published alone; null where it was.</returns>
    public async Task<IReadOnlyList<BrokerException?>> PublishAllAsync(
        IReadOnlyList<GenerationTask> tasks, string queue = GenerationTopology.Queue, CancellationToken cancellationToken = default)
    {
        var refusals = await Task.WhenAll(tasks.Select(task => RefusalAsync(task, queue, cancellationToken)));
        if (refusals.Contains(null))
            await events.WakeUpAsync();
        return refusals;
    }

    /// <summary>Queues a task behind the others and wakes nobody: it is to be tried after a pause.</summary>
    /// <param name="attempts">Attempts that failed so far.</param>
    /// <param name="history">What is known of them.</param>
    /// <inheritdoc cref="PublishAsync(GenerationTask, string, CancellationToken)"/>
    public Task PublishAgainAsync(
        GenerationTask task, int attempts, string queue = GenerationTopology.Queue, IReadOnlyList<FailedAttempt>? history = null,
        CancellationToken cancellationToken = default) =>
        PublishAsync(
            GenerationTopology.Exchange, queue, task.Id, task.ToUtf8Json(), Headers(attempts, history), cancellationToken);

    /// <summary>Publishes a message, whatever its body is, to the dead-letter queue.</summary>
    /// <param name="failure">Who gives it up, when and why.</param>
    /// <param name="attempts">Attempts that failed.</param>
    /// <param name="history">What is known of them.</param>
    public Task PublishDeadAsync(
        ReadOnlyMemory<byte> body, string? messageId, FailedAttempt failure, int attempts,
        IReadOnlyList<FailedAttempt>? history = null, CancellationToken cancellationToken = default)
    {
        var headers = Headers(attempts, history);
        headers[MessageHeaders.Reason] = failure.Reason;
        headers[MessageHeaders.Worker] = failure.Worker;
        headers[MessageHeaders.FailedAt] = UtcTimestampConverter.Format(failure.At);
        return PublishAsync(
            GenerationTopology.DeadExchange, GenerationTopology.DeadQueue, messageId, body, headers, cancellationToken);
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task<BrokerException?> RefusalAsync(GenerationTask task, string queue, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAgainAsync(task, attempts: 0, queue, cancellationToken: cancellationToken);
            return null;
        }
        catch (BrokerException e)
        {
            return e;
        }
    }

    private static Dictionary<string, object?> Headers(int attempts, IReadOnlyList<FailedAttempt>? history)
    {
        var headers = new Dictionary<string, object?> { [MessageHeaders.Attempts] = attempts };
        if (history is { Count: > 0 })
            headers[MessageHeaders.History] = FailedAttempt.ToHeader(history);
        return headers;
    }

    private async Task PublishAsync(
        string exchange, string queue, string? messageId, ReadOnlyMemory<byte> body,
        Dictionary<string, object?> headers, CancellationToken cancellationToken)
    {
        // With a listener on its source the client overwrites this with its own span's context.
        if (Activity.Current is { } activity)
            RabbitMQActivitySource.ContextInjector(activity, headers);
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            MessageId = messageId,
            Headers = headers,
        };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ConfirmTimeout);
        try
        {
            try
            {
                await OnceAsync();
            }
            catch (Exception e) when (IsMissingTopology(e))
            {
                // Someone deleted a queue or an exchange while we were connected.
                await topology.DeclareAsync(await broker.GetAsync(timeout.Token), timeout.Token);
                await OnceAsync();
            }
        }
        catch (PublishReturnException e)
        {
            throw new UnroutableException($"The broker has no queue '{queue}'.", e);
        }
        catch (PublishException e)
        {
            throw new QueueFullException($"The queue '{queue}' is full.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BrokerUnavailableException(
                $"The message broker at {broker.Endpoint} did not confirm within {ConfirmTimeout.TotalSeconds:0} seconds.", e);
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e, cancellationToken))
        {
            throw new BrokerUnavailableException($"The message broker at {broker.Endpoint} went away: {e.Message}", e);
        }

        async Task OnceAsync()
        {
            var channel = await _channel.GetAsync(timeout.Token);
            await channel.BasicPublishAsync(exchange, queue, mandatory: true, properties, body, timeout.Token);
        }
    }

    private static bool IsMissingTopology(Exception e) =>
        e is PublishReturnException or OperationInterruptedException { ShutdownReason.ReplyCode: Constants.NotFound };
}
