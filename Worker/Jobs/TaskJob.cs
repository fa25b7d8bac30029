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
    WorkerOptions options, IOptions<TopologyOptions> topology, TaskReader reader, TaskPainter painter, TaskRecords records,
    TaskPublisher publisher, ReadinessFile readiness, Watchdog watchdog, TimeProvider time, ILogger<TaskJob> logger)
{
    // A library's exception may hold pages, and all reasons travel in the headers of one message.
    private const int LongestReason = 1_000;

    /// <param name="inbox">Where the message came from.</param>
    /// <param name="delivery">The message.</param>
    /// <param name="round">Where it is painted.</param>
    /// <param name="stay">Whether its acknowledgement is to bring the next one.</param>
    /// <param name="stopping">There is to be no next one.</param>
    /// <param name="givingUp">The message is put back.</param>
    /// <exception cref="UnusableEngineException">No message can be painted here; this one is in the queue again.</exception>
    /// <exception cref="BrokerException">The message goes back with the inbox.</exception>
    public async Task<TaskOutcome> HandleAsync(
        TaskInbox inbox, Delivery delivery, PaintingRound round, bool stay, CancellationToken stopping,
        CancellationToken givingUp)
    {
        using var seat = round.TakeSeat(delivery.TakenAt);
        var attempts = MessageHeaders.ReadAttempts(delivery.Properties);
        var history = FailedAttempt.Read(delivery.Properties);
        FailedAttempt? verdict = null;
        using var span = WorkerTelemetry.Source.StartActivity(
            "paint task", ActivityKind.Consumer, MessageHeaders.ReadTraceContext(delivery.Properties));
        var isGood = reader.TryRead(delivery.Body.Span, out var task, out var reason);
        readiness.Taken(inbox, task?.Id, attempts + 1);
        if (task is null)
            return await BuryAsync(Failure(reason!));

        span?.AddTag("messaging.message.id", task.Id);
        try
        {
            if (await records.FindAsync(task, givingUp) is { } found)
                return await EndAsync(found, before: true);
            if (!isGood)
                return await BuryAsync(Failure(reason!));
            if (attempts >= options.MaxAttempts)
                return await BuryAsync(TriedTooOften(history is [.., var last] ? last.Reason : "a reason that is not known"));
            if (MessageHeaders.ReadDeliveryCount(delivery.Properties) is var lost && lost >= topology.Value.BuryFrom)
                return await BuryAsync(Failure($"Its workers were killed or lost {lost} times."));

            LogPainting(task.Id, attempts + 1);
            GenerationRecord? painted;
            while ((painted = await painter.PaintAsync(task, attempts, seat, givingUp)) is null)
                LogWantedAgain(task.Id);
            return await EndAsync(painted, before: false);
        }
        catch (OperationCanceledException) when (givingUp.IsCancellationRequested)
        {
            await inbox.PutBackAsync(delivery);
            LogPutBack(task.Id);
            return TaskOutcome.PutBack;
        }
        catch (UnusableEngineException)
        {
            // Every other message would fail in the same way; none of them is to blame. Published anew, as without storage.
            await TryAgainAsync();
            throw;
        }
        catch (StorageUnavailableException exception)
        {
            return await WithoutStorageAsync(exception);
        }
        // Whatever the engine throws is a failed attempt: nothing else may decide over a message that was taken.
        catch (Exception exception) when (exception is not BrokerException)
        {
            span?.AddException(exception).SetStatus(ActivityStatusCode.Error, exception.Message);
            LogFailed(task.Id, ++attempts, options.MaxAttempts, exception);
            history = [.. history, Failure(exception.Message)];
            if (attempts < options.MaxAttempts)
            {
                await TryAgainAsync();
                return TaskOutcome.Failed;
            }
            try
            {
                return await BuryAsync(TriedTooOften(exception.Message));
            }
            catch (StorageUnavailableException storage)
            {
                return await WithoutStorageAsync(storage);
            }
        }

        Task AcknowledgeAsync() => inbox.AcknowledgeAsync(
            delivery, stay && !stopping.IsCancellationRequested && !watchdog.EngineHangs);

        FailedAttempt TriedTooOften(string atLast) => Failure($"Painting failed {attempts} times, at last with: {atLast}");

        async Task<TaskOutcome> EndAsync(GenerationRecord record, bool before)
        {
            if (record.Status == GenerationOutcome.Cancelled)
            {
                await records.DiscardPicturesAsync(task, givingUp);
                LogCancelled(task.Id);
            }
            // Delivered again after its failure was recorded: the worker was lost before it could have acknowledged, and maybe
            // before there was a dead letter.
            else if (before && record.Status == GenerationOutcome.Failed
                && MessageHeaders.ReadDeliveryCount(delivery.Properties) > 0)
            {
                return await BuryAsync(new(record.FinishedAt, record.Worker ?? options.Name, record.Reason ?? "It failed."));
            }
            else if (before)
            {
                LogFinished(task.Id);
            }
            else
            {
                LogPainted(task.Id);
            }
            await AcknowledgeAsync();
            return TaskOutcome.Done;
        }

        async Task<TaskOutcome> WithoutStorageAsync(StorageUnavailableException exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            LogWithoutStorage(task.Id, exception.Message);
            if (verdict is not null && attempts < options.MaxAttempts)
                // The next worker is not to paint it, only to bury it.
                (attempts, history) = (options.MaxAttempts, [.. history, verdict]);
            // Published anew and not put back: a long outage must not use up the broker's delivery limit.
            await TryAgainAsync();
            return TaskOutcome.WithoutStorage;
        }

        async Task TryAgainAsync()
        {
            try
            {
                await publisher.PublishAgainAsync(task, attempts, options.Queue, history);
                // The next one has to wait for whatever comes after a failure.
                await inbox.AcknowledgeAsync(delivery, stay: false);
            }
            catch (QueueFullException)
            {
                // The place of this message is its own: back to it, with an attempt that failed uncounted.
                await inbox.PutBackAsync(delivery);
            }
        }

        // The record first, for it decides; without it the task would be taken for lost, and painted after all.
        async Task<TaskOutcome> BuryAsync(FailedAttempt failure)
        {
            if (task is not null)
            {
                verdict = failure;
                var standing = await records.PutFailureAsync(task, failure, attempts, seat.Worked);
                if (standing.Status != GenerationOutcome.Failed)
                    return await EndAsync(standing, before: true);
            }
            await publisher.PublishDeadAsync(delivery.Body, delivery.Properties.MessageId, failure, attempts, history);
            var id = task?.Id ?? (TaskId.IsValid(delivery.Properties.MessageId) ? delivery.Properties.MessageId : null);
            LogBuried(id ?? "unknown", failure.Reason);
            if (id is not null)
                await painter.ReportFailureAsync(id, failure.Reason, CancellationToken.None);
            await AcknowledgeAsync();
            return TaskOutcome.DeadLettered;
        }
    }

    private FailedAttempt Failure(string reason)
    {
        var line = reason.ReplaceLineEndings(" ");
        return new(time.GetUtcNow(), options.Name, line.Length <= LongestReason ? line : line[..LongestReason] + "…");
    }

    [LoggerMessage(LogLevel.Information, "Painting {Id}, attempt {Attempt}")]
    private partial void LogPainting(string id, int attempt);

    [LoggerMessage(LogLevel.Information, "Painted {Id}")]
    private partial void LogPainted(string id);

    [LoggerMessage(LogLevel.Information, "{Id} was finished before and is acknowledged")]
    private partial void LogFinished(string id);

    [LoggerMessage(LogLevel.Information, "{Id} was cancelled")]
    private partial void LogCancelled(string id);

    [LoggerMessage(LogLevel.Information, "{Id} was cancelled, and is wanted again")]
    private partial void LogWantedAgain(string id);

    [LoggerMessage(LogLevel.Information, "Stopped: {Id} is in the queue again")]
    private partial void LogPutBack(string id);

    [LoggerMessage(LogLevel.Error, "Painting {Id} failed, attempt {Attempt} of {MaxAttempts}")]
    private partial void LogFailed(string id, int attempt, int maxAttempts, Exception exception);

    [LoggerMessage(LogLevel.Error, "{Id} is in the queue again, through no fault of its own: {Reason}")]
    private partial void LogWithoutStorage(string id, string reason);

    [LoggerMessage(LogLevel.Error, "{Id} is a dead letter: {Reason}")]
    private partial void LogBuried(string id, string reason);
}
