using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Jobs;

/// <summary>
/// One message from the queue to its end: painted and acknowledged, put back, tried again later, or among the dead letters. It is
/// acknowledged last, so that a worker which dies at any point leaves it to the next one.
/// </summary>
public sealed partial class TaskJob(
    WorkerOptions options, IOptions<TopologyOptions> topology, BrokerConnection broker, TaskReader reader, TaskPainter painter,
    TaskPublisher publisher, TimeProvider time, ILogger<TaskJob> logger)
{
    private static readonly TimeSpan ReconnectPeriod = TimeSpan.FromMilliseconds(500);

    /// <param name="engine">Nothing is taken before the engine can be used.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="UnusableEngineException">
    /// No message could be painted here; nothing was taken, or it was put back.
    /// </exception>
    public async Task<int> RunAsync(Task engine, CancellationToken stopping)
    {
        try
        {
            await using var inbox = await ConnectAsync(stopping);
            await engine.WaitAsync(stopping);
            var wait = options.WaitSeconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(options.WaitSeconds);
            if (await inbox.TakeAsync(options.Queue, wait, time, stopping) is not { } delivery)
            {
                LogNothing(options.Queue, options.WaitSeconds);
                return ExitCode.Done;
            }
            SignalReady();
            return await HandleAsync(inbox, delivery, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nothing was taken, or the end of the connection gives it back.
            return ExitCode.Done;
        }
        catch (BrokerException exception)
        {
            // What was taken goes back with the connection.
            LogBroker(exception.Message);
            return stopping.IsCancellationRequested ? ExitCode.Done : ExitCode.Transient;
        }
    }

    private void SignalReady()
    {
        if (options.ReadinessFile is not { } file)
            return;
        try
        {
            File.WriteAllBytes(file, []);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotReady(file, exception.Message);
        }
    }

    private async Task<TaskInbox> ConnectAsync(CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await TaskInbox.OpenAsync(broker, stopping);
            }
            catch (BrokerUnavailableException) when (time.GetElapsedTime(began) < TimeSpan.FromSeconds(options.ConnectSeconds))
            {
                await Task.Delay(ReconnectPeriod, time, stopping);
            }
        }
    }

    private async Task<int> HandleAsync(TaskInbox inbox, Delivery delivery, CancellationToken stopping)
    {
        var attempts = MessageHeaders.ReadAttempts(delivery.Properties);
        using var span = WorkerTelemetry.Source.StartActivity(
            "paint task", ActivityKind.Consumer, MessageHeaders.ReadTraceContext(delivery.Properties));
        if (!reader.TryRead(delivery.Body.Span, out var task, out var reason))
            return await BuryAsync(inbox, delivery, task, reason, attempts);

        span?.AddTag("messaging.message.id", task.Id);
        try
        {
            if (await painter.IsFinishedAsync(task.Id, stopping))
            {
                LogFinished(task.Id);
            }
            else if (MessageHeaders.ReadDeliveryCount(delivery.Properties) is var lost && lost >= topology.Value.BuryFrom)
            {
                return await BuryAsync(inbox, delivery, task, $"Its workers were killed or lost {lost} times.", attempts);
            }
            else
            {
                LogPainting(task.Id, attempts + 1);
                await painter.PaintAsync(task, attempts, delivery.TakenAt, stopping);
                LogPainted(task.Id);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await inbox.PutBackAsync(delivery);
            LogPutBack(task.Id);
            return ExitCode.Done;
        }
        catch (UnusableEngineException)
        {
            // Every other message would fail in the same way; none of them is to blame.
            await inbox.PutBackAsync(delivery);
            throw;
        }
        catch (StorageUnavailableException exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            LogWithoutStorage(task.Id, exception.Message);
            // Published anew and not put back: a long outage must not use up the broker's delivery limit.
            return await TryAgainAsync(inbox, delivery, task, attempts);
        }
        // Whatever the engine throws is a failed attempt: nothing else may decide over a message that was taken.
        catch (Exception exception) when (exception is not BrokerException)
        {
            span?.AddException(exception).SetStatus(ActivityStatusCode.Error, exception.Message);
            LogFailed(task.Id, attempts + 1, options.MaxAttempts, exception);
            return await FailAsync(inbox, delivery, task, attempts + 1, exception.Message);
        }
        await inbox.AcknowledgeAsync(delivery);
        return ExitCode.Done;
    }

    private async Task<int> FailAsync(TaskInbox inbox, Delivery delivery, GenerationTask task, int attempts, string reason)
    {
        if (attempts >= options.MaxAttempts)
            return await BuryAsync(inbox, delivery, task, $"Painting failed {attempts} times, at last with: {reason}", attempts);
        return await TryAgainAsync(inbox, delivery, task, attempts);
    }

    private async Task<int> TryAgainAsync(TaskInbox inbox, Delivery delivery, GenerationTask task, int attempts)
    {
        try
        {
            await publisher.PublishAgainAsync(task, attempts, options.Queue);
            await inbox.AcknowledgeAsync(delivery);
        }
        catch (QueueFullException)
        {
            // The place of this message is its own: back to it, with an attempt that failed uncounted.
            await inbox.PutBackAsync(delivery);
        }
        return ExitCode.Transient;
    }

    private async Task<int> BuryAsync(TaskInbox inbox, Delivery delivery, GenerationTask? task, string reason, int attempts)
    {
        reason = reason.ReplaceLineEndings(" ");
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
        await inbox.AcknowledgeAsync(delivery);
        return ExitCode.DeadLettered;
    }

    [LoggerMessage(LogLevel.Information, "No message in {Queue} for {Seconds} s")]
    private partial void LogNothing(string queue, int seconds);

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

    [LoggerMessage(LogLevel.Warning, "The readiness file {File} cannot be written: {Reason}")]
    private partial void LogNotReady(string file, string reason);

    [LoggerMessage(LogLevel.Error, "{Reason}")]
    private partial void LogBroker(string reason);
}
