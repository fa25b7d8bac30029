using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Jobs;

/// <summary>
/// One message to its end: painted and acknowledged, put back, tried again later, or among the dead letters. It is acknowledged
/// last, so that a worker which dies at any point leaves it to the next one.
/// </summary>
public sealed partial class TaskJob(
    WorkerOptions options, IOptions<TopologyOptions> topology, TaskReader reader, TaskPainter painter, TaskPublisher publisher,
    ILogger<TaskJob> logger)
{
    /// <param name="inbox">Where the message came from.</param>
    /// <param name="delivery">The message.</param>
    /// <param name="stay">Whether its acknowledgement is to bring the next one.</param>
    /// <param name="stopping">There is to be no next one.</param>
    /// <param name="givingUp">The message is put back.</param>
    /// <exception cref="UnusableEngineException">No message can be painted here; this one was put back.</exception>
    /// <exception cref="BrokerException">The message goes back with the inbox.</exception>
    public async Task<TaskOutcome> HandleAsync(
        TaskInbox inbox, Delivery delivery, bool stay, CancellationToken stopping, CancellationToken givingUp)
    {
        var attempts = MessageHeaders.ReadAttempts(delivery.Properties);
        using var span = WorkerTelemetry.Source.StartActivity(
            "paint task", ActivityKind.Consumer, MessageHeaders.ReadTraceContext(delivery.Properties));
        if (!reader.TryRead(delivery.Body.Span, out var task, out var reason))
            return await BuryAsync(task, reason, attempts);

        span?.AddTag("messaging.message.id", task.Id);
        try
        {
            if (await painter.IsFinishedAsync(task.Id, givingUp))
            {
                LogFinished(task.Id);
            }
            else if (MessageHeaders.ReadDeliveryCount(delivery.Properties) is var lost && lost >= topology.Value.BuryFrom)
            {
                return await BuryAsync(task, $"Its workers were killed or lost {lost} times.", attempts);
            }
            else
            {
                LogPainting(task.Id, attempts + 1);
                await painter.PaintAsync(task, attempts, delivery.TakenAt, givingUp);
                LogPainted(task.Id);
            }
        }
        catch (OperationCanceledException) when (givingUp.IsCancellationRequested)
        {
            await inbox.PutBackAsync();
            LogPutBack(task.Id);
            return TaskOutcome.PutBack;
        }
        catch (UnusableEngineException)
        {
            // Every other message would fail in the same way; none of them is to blame.
            await inbox.PutBackAsync();
            throw;
        }
        catch (StorageUnavailableException exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            LogWithoutStorage(task.Id, exception.Message);
            // Published anew and not put back: a long outage must not use up the broker's delivery limit.
            await TryAgainAsync(task, attempts);
            return TaskOutcome.WithoutStorage;
        }
        // Whatever the engine throws is a failed attempt: nothing else may decide over a message that was taken.
        catch (Exception exception) when (exception is not BrokerException)
        {
            span?.AddException(exception).SetStatus(ActivityStatusCode.Error, exception.Message);
            LogFailed(task.Id, attempts + 1, options.MaxAttempts, exception);
            attempts++;
            if (attempts >= options.MaxAttempts)
                return await BuryAsync(task, $"Painting failed {attempts} times, at last with: {exception.Message}", attempts);
            await TryAgainAsync(task, attempts);
            return TaskOutcome.Failed;
        }
        await AcknowledgeAsync();
        return TaskOutcome.Done;

        Task AcknowledgeAsync() => inbox.AcknowledgeAsync(delivery, stay && !stopping.IsCancellationRequested);

        async Task TryAgainAsync(GenerationTask task, int failed)
        {
            try
            {
                await publisher.PublishAgainAsync(task, failed, options.Queue);
                // The next one has to wait for whatever comes after a failure.
                await inbox.AcknowledgeAsync(delivery, stay: false);
            }
            catch (QueueFullException)
            {
                // The place of this message is its own: back to it, with an attempt that failed uncounted.
                await inbox.PutBackAsync();
            }
        }

        async Task<TaskOutcome> BuryAsync(GenerationTask? task, string reason, int failed)
        {
            await PublishDeadAsync(delivery, task, reason.ReplaceLineEndings(" "), failed);
            await AcknowledgeAsync();
            return TaskOutcome.DeadLettered;
        }
    }

    private async Task PublishDeadAsync(Delivery delivery, GenerationTask? task, string reason, int attempts)
    {
        var id = task?.Id ?? (TaskId.IsValid(delivery.Properties.MessageId) ? delivery.Properties.MessageId : null);
        await publisher.PublishDeadAsync(delivery.Body, delivery.Properties.MessageId, reason, attempts);
        LogBuried(id ?? "unknown", reason);
        if (task is not null)
        {
            try
            {
                await painter.FailAsync(task, reason, attempts, delivery.TakenAt, CancellationToken.None);
            }
            catch (StorageUnavailableException exception)
            {
                LogUnrecorded(task.Id, exception.Message);
            }
        }
        if (id is not null)
            await painter.ReportFailureAsync(id, reason, CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Information, "Painting {Id}, attempt {Attempt}")]
    private partial void LogPainting(string id, int attempt);

    [LoggerMessage(LogLevel.Information, "Painted {Id}")]
    private partial void LogPainted(string id);

    [LoggerMessage(LogLevel.Information, "{Id} was finished before and is acknowledged")]
    private partial void LogFinished(string id);

    [LoggerMessage(LogLevel.Information, "Stopped: {Id} is in the queue again")]
    private partial void LogPutBack(string id);

    [LoggerMessage(LogLevel.Error, "Painting {Id} failed, attempt {Attempt} of {MaxAttempts}")]
    private partial void LogFailed(string id, int attempt, int maxAttempts, Exception exception);

    [LoggerMessage(LogLevel.Error, "{Id} is in the queue again, through no fault of its own: {Reason}")]
    private partial void LogWithoutStorage(string id, string reason);

    [LoggerMessage(LogLevel.Error, "{Id} is a dead letter: {Reason}")]
    private partial void LogBuried(string id, string reason);

    [LoggerMessage(LogLevel.Warning, "The failure of {Id} could not be recorded: {Reason}")]
    private partial void LogUnrecorded(string id, string reason);
}
