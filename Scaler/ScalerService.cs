using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.Keda.Settings;
using SdAspire.Scaler.Launching;

namespace SdAspire.Scaler;

/// <summary>
/// KEDA's polling loop on one machine: look at the queue, decide, start. It looks when a message arrives, when a worker takes
/// one or ends, and at the latest after the polling interval.
/// </summary>
public sealed partial class ScalerService(
    IOptions<ScalerOptions> options, BrokerConnection broker, GenerationTopology topology, WorkerPool pool, LaunchGate gate, PauseSwitch pause,
    WakeSignal wake, LauncherMetrics metrics, TimeProvider time, ILogger<ScalerService> logger) : BackgroundService
{
    // A quorum queue may show a message a moment after the wake-up, and one put back a moment after its worker ended.
    private static readonly TimeSpan ArrivalTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ArrivalPeriod = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LateArrivalTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReconnectPeriod = TimeSpan.FromSeconds(1);

    private readonly ScalerOptions _options = options.Value;
    private long _lastReady;
    private string? _outage;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await using var queue = await TasksQueue.OpenAsync(broker, topology, wake, stoppingToken);
                    _outage = null;
                    LogWatching(GenerationTopology.Queue, _options.MaxReplicaCount, _options.ScalingStrategy.Strategy);
                    await WatchAsync(queue, stoppingToken);
                }
                catch (BrokerUnavailableException exception)
                {
                    metrics.Saw(null);
                    // Once for each outage and reason, however long it lasts.
                    if (_outage != exception.Message)
                        LogBroker(_outage = exception.Message);
                }
                await Task.Delay(ReconnectPeriod, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        await pool.StopAsync();
    }

    private async Task WatchAsync(TasksQueue queue, CancellationToken cancellationToken)
    {
        var (causes, since) = (Wake.Poll, time.GetTimestamp());
        while (queue.IsOpen)
        {
            await queue.AwaitNextWakeUpAsync(cancellationToken);
            var wait = await LookAsync(queue, causes, since, cancellationToken);
            (causes, since) = await wake.WaitAsync(wait, cancellationToken);
        }
    }

    /// <summary>One poll. Returns the time until the next one.</summary>
    private async Task<TimeSpan> LookAsync(TasksQueue queue, Wake causes, long since, CancellationToken cancellationToken)
    {
        var interval = Seconds.Of(_options.PollingInterval);
        var arrival = (causes & (Wake.Message | Wake.WorkerEnded)) != 0;
        var began = time.GetTimestamp();
        while (true)
        {
            // The workers first: one that takes its message in between is then counted as pending with its message gone, which
            // starts none too many; the other way round it would start a second worker for the same message.
            var (running, pending) = pool.Count();
            long ready = await queue.CountReadyAsync(cancellationToken);
            metrics.Saw(ready);
            var risen = ready > _lastReady;
            _lastReady = ready;

            if (pause.IsPaused)
            {
                LogPaused(ready);
                return interval;
            }
            var closed = gate.Closed;
            if (closed != TimeSpan.Zero)
                return closed > interval ? interval : closed;
            var free = _options.MaxReplicaCount - running;
            if (free <= 0)
            {
                LogFull(running);
                return interval;
            }

            // KEDA's custom strategy may go above the maximum; one machine must not.
            var jobs = Math.Min(free, ScalingDecision.JobsToStart(new JobCounts(ready, running, pending), _options));
            if (jobs > 0)
            {
                LogStarting(jobs, ready, running, pending);
                await pool.StartAsync(jobs, since);
                return interval;
            }
            if (!arrival || risen)
            {
                LogEnough(ready, running, pending);
                return interval;
            }
            if (time.GetElapsedTime(began) >= ArrivalTime)
            {
                LogEnough(ready, running, pending);
                return interval < LateArrivalTime ? interval : LateArrivalTime;
            }
            await Task.Delay(ArrivalPeriod, time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "Watching the queue {Queue}: at most {MaxReplicaCount} workers, strategy {Strategy}")]
    private partial void LogWatching(string queue, int maxReplicaCount, ScalingStrategy strategy);

    [LoggerMessage(LogLevel.Information, "Starting {Jobs}: {Ready} messages ready, {Running} workers running, {Pending} of them pending")]
    private partial void LogStarting(long jobs, long ready, int running, int pending);

    [LoggerMessage(LogLevel.Debug, "Starting none: {Ready} messages ready, {Running} workers running, {Pending} of them pending")]
    private partial void LogEnough(long ready, int running, int pending);

    [LoggerMessage(LogLevel.Debug, "Starting none: {Running} workers running, all there may be")]
    private partial void LogFull(int running);

    [LoggerMessage(LogLevel.Debug, "Starting none: paused, {Ready} messages ready")]
    private partial void LogPaused(long ready);

    [LoggerMessage(LogLevel.Warning, "{Reason}")]
    private partial void LogBroker(string reason);
}
