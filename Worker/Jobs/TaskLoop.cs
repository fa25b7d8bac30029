using Microsoft.Extensions.Logging;
using SdAspire.Generation;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Jobs;

/// <summary>Takes one round of messages after another and decides after each whether there is to be a next one.</summary>
public sealed partial class TaskLoop(
    WorkerOptions options, BrokerConnection broker, TaskReader reader, TaskPainter painter, TaskJob job, ReadinessFile readiness,
    Watchdog watchdog, TimeProvider time, ILogger<TaskLoop> logger)
{
    private static readonly TimeSpan ReconnectPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Backoff _reconnecting = new(ReconnectPeriod, LongestPause);
    private readonly Backoff _failing = new(TimeSpan.FromMilliseconds(500), LongestPause);
    private int _worst = ExitCode.Done;

    private bool IsContinuous => options.Mode == WorkerMode.Continuous;

    /// <param name="stopping">Nothing is taken any more.</param>
    /// <param name="givingUp">What was taken is put back.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="UnusableEngineException">
    /// No message could be painted here; nothing was taken, or it was put back.
    /// </exception>
    public async Task<int> RunAsync(CancellationToken stopping, CancellationToken givingUp)
    {
        await using var news = stopping.Register(() => LogStopping(options.DrainSeconds));
        // One that a process before this one left behind.
        readiness.Remove();
        try
        {
            // Who may wait for long is ready when a message comes.
            if (IsContinuous || options.WaitSeconds < 0)
            {
                await painter.WarmUpAsync(stopping);
                await painter.LoadAsync(stopping);
            }
            if (IsContinuous)
                await TakeForeverAsync(stopping, givingUp);
            else
                await TakeSomeAsync(stopping, givingUp);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Whatever was taken went back with the inbox.
        }
        catch (BrokerException exception)
        {
            LogBroker(exception.Message);
            if (!stopping.IsCancellationRequested)
                _worst = ExitCode.Worse(_worst, ExitCode.Transient);
        }
        catch (HungEngineException exception)
        {
            // Between two messages: nothing is in hand.
            LogHangs(exception.Message);
            _worst = ExitCode.Worse(_worst, ExitCode.Transient);
        }
        if (!IsContinuous)
            return _worst;
        // Of a worker that is stopped after days, one dead letter among many pictures says nothing.
        return watchdog.EngineHangs ? ExitCode.Transient : ExitCode.Done;
    }

    private async Task TakeSomeAsync(CancellationToken stopping, CancellationToken givingUp)
    {
        await using var inbox = await ConnectAsync(stopping);
        // While a message is taken, but not before there is a connection: while the loader is at the engine's large libraries,
        // nobody else gets one, and a connection needs some.
        var engine = painter.WarmUpAsync(stopping);
        var rounds = NewRounds(inbox);
        var left = options.MaxTasks is 0 ? int.MaxValue : options.MaxTasks ?? 1;
        for (var seconds = options.WaitSeconds; !stopping.IsCancellationRequested; seconds = options.IdleSeconds ?? 0)
        {
            var wait = seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
            if (await rounds.TakeAsync(wait, left, stay: false, stopping) is not [_, ..] round)
            {
                LogNothing(options.Queue, seconds);
                await engine;
                return;
            }
            foreach (var _ in round)
                LogTaken(time.GetUtcNow());
            var outcomes = await HandleAsync(inbox, round, stay: false, stopping, givingUp);
            _worst = outcomes.Select(outcome => outcome.ExitCode()).Aggregate(_worst, ExitCode.Worse);
            left -= round.Count;
            // Without storage it is for whoever starts workers to pause.
            if (outcomes.Any(outcome => outcome is TaskOutcome.PutBack or TaskOutcome.WithoutStorage)
                || watchdog.EngineHangs || left == 0)
                return;
            await painter.EndWorkAsync(stopping);
            await PauseAfterAsync(outcomes, stopping);
        }
    }

    private async Task TakeForeverAsync(CancellationToken stopping, CancellationToken givingUp)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // The connection outlived the subscription: the queue may have been deleted.
                if (broker.IsOpen)
                    await broker.DeclareAsync(stopping);
                await using var inbox = await TaskInbox.OpenAsync(broker, options.Queue, time, stopping);
                await inbox.SubscribeAsync(stopping);
                readiness.CreateWhileOpen(inbox);
                LogWaiting(options.Queue);
                _reconnecting.Reset();
                var rounds = NewRounds(inbox);
                while (await rounds.TakeAsync(Timeout.InfiniteTimeSpan, int.MaxValue, stay: true, stopping) is [_, ..] round)
                {
                    var outcomes = await HandleAsync(inbox, round, stay: true, stopping, givingUp);
                    if (watchdog.EngineHangs)
                        return;
                    await painter.EndWorkAsync(stopping);
                    await PauseAfterAsync(outcomes, stopping);
                }
            }
            catch (BrokerException exception) when (!stopping.IsCancellationRequested)
            {
                var pause = _reconnecting.Next();
                LogReconnecting(exception.Message, pause.TotalSeconds);
                await Task.Delay(pause, time, stopping);
            }
        }
    }

    private TaskRounds NewRounds(TaskInbox inbox) => new(inbox, options.BatchSize, reader, time);

    private async Task<TaskOutcome[]> HandleAsync(
        TaskInbox inbox, IReadOnlyList<Delivery> deliveries, bool stay, CancellationToken stopping, CancellationToken givingUp)
    {
        var round = painter.BeginRound(deliveries.Count);
        return await Task.WhenAll(deliveries.Select(
            delivery => job.HandleAsync(inbox, delivery, round, stay, stopping, givingUp)));
    }

    private async Task<TaskInbox> ConnectAsync(CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await TaskInbox.OpenAsync(broker, options.Queue, time, stopping);
            }
            catch (BrokerUnavailableException) when (time.GetElapsedTime(began) < TimeSpan.FromSeconds(options.ConnectSeconds))
            {
                await Task.Delay(ReconnectPeriod, time, stopping);
            }
        }
    }

    private async Task PauseAfterAsync(IEnumerable<TaskOutcome> outcomes, CancellationToken stopping)
    {
        if (outcomes.Any(outcome => outcome.IsTransient()))
            await Task.Delay(_failing.Next(), time, stopping);
        else
            _failing.Reset();
    }

    [LoggerMessage(LogLevel.Information, "No message in {Queue} for {Seconds} s")]
    private partial void LogNothing(string queue, int seconds);

    [LoggerMessage(LogLevel.Debug, "Took a message at {At:O}")]
    private partial void LogTaken(DateTimeOffset at);

    [LoggerMessage(LogLevel.Information, "Waiting for messages in {Queue}")]
    private partial void LogWaiting(string queue);

    [LoggerMessage(LogLevel.Information, "Stopping: a message in hand has {Seconds} s to be finished")]
    private partial void LogStopping(int seconds);

    [LoggerMessage(LogLevel.Warning, "{Reason} Trying again in {Seconds:0.0} s")]
    private partial void LogReconnecting(string reason, double seconds);

    [LoggerMessage(LogLevel.Error, "{Reason}")]
    private partial void LogHangs(string reason);

    [LoggerMessage(LogLevel.Error, "{Reason}")]
    private partial void LogBroker(string reason);
}
