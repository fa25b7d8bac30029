using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.Scaler.Jobs;

namespace SdAspire.Scaler;

/// <summary>The launcher's figures, since it began.</summary>
public sealed class LauncherMetrics
{
    public const string MeterName = "SdAspire.Scaler";

    private const double SecondsPerHour = 3600;

    private readonly ScalerOptions _options;
    private readonly TimeProvider _time;
    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _launch;
    private readonly Histogram<double> _duration;
    private readonly Counter<double> _cpu;
    private readonly Counter<double>? _gpu;
    private readonly Counter<double>? _cost;
    private long _ready = -1;

    public LauncherMetrics(IOptions<ScalerOptions> options, JobHistory history, IMeterFactory meters, TimeProvider time)
    {
        (_options, _time) = (options.Value, time);
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "sdaspire.queue.messages", ObserveQueue, "{message}",
            "Messages that no worker had taken when the launcher last looked.");
        meter.CreateObservableGauge(
            "sdaspire.jobs", () => ObserveJobs(history), "{job}", "Jobs that run, and those that have ended and are kept.");
        _started = meter.CreateCounter<long>("sdaspire.jobs.started", "{job}", "Jobs that were started.");
        _ended = meter.CreateCounter<long>("sdaspire.jobs.ended", "{job}", "Jobs that have ended.");
        _launch = meter.CreateHistogram(
            "sdaspire.job.launch.duration", "s", "From the launcher's hearing of a message to its worker's process.",
            advice: Buckets([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]));
        _duration = meter.CreateHistogram(
            "sdaspire.job.duration", "s", "From a job's start to its end.",
            advice: Buckets([0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]));
        _cpu = meter.CreateCounter<double>("sdaspire.job.cpu.seconds", "s", "CPU time of the jobs that have ended.");
        // From 0 on: a counter that is first seen with a value has not increased for Prometheus.
        _started.Add(0);
        _cpu.Add(0);
        foreach (var reason in Enum.GetValues<JobReason>())
            _ended.Add(0, Reason(reason));
        if (_options.Gpu.Share > 0)
        {
            _gpu = meter.CreateCounter<double>(
                "sdaspire.job.gpu.seconds", "s", "Time that jobs which have ended had a GPU, or its part where they share one.");
            _gpu.Add(0);
        }
        if (_options.PricePerHour is not null)
        {
            _cost = meter.CreateCounter<double>(
                "sdaspire.estimated_cost", description: "What the jobs that have ended cost by the price that is configured.");
            _cost.Add(0);
        }
    }

    /// <summary>Messages that wait; null where that is not known.</summary>
    public void Saw(long? ready) => Interlocked.Exchange(ref _ready, ready ?? -1);

    /// <summary>A process is there for what was heard of at <paramref name="heardAt"/>.</summary>
    public void Started(long heardAt)
    {
        _started.Add(1);
        _launch.Record(_time.GetElapsedTime(heardAt).TotalSeconds);
    }

    public void Ended(JobReason reason, TimeSpan duration, TimeSpan cpuTime)
    {
        _ended.Add(1, Reason(reason));
        _duration.Record(duration.TotalSeconds);
        _cpu.Add(cpuTime.TotalSeconds);
        _gpu?.Add(duration.TotalSeconds * _options.Gpu.Share);
        if (_options.PricePerHour is { } price)
            _cost?.Add(duration.TotalSeconds * price / SecondsPerHour);
    }

    private IEnumerable<Measurement<long>> ObserveQueue() => Interlocked.Read(ref _ready) is >= 0 and var ready
        ? [new(ready, new KeyValuePair<string, object?>("queue", GenerationTopology.Queue))]
        : [];

    private static IEnumerable<Measurement<int>> ObserveJobs(JobHistory history)
    {
        var counts = history.Count();
        return Enum.GetValues<JobState>().Select(state => new Measurement<int>(
            counts.GetValueOrDefault(state), new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant())));
    }

    private static KeyValuePair<string, object?> Reason(JobReason reason) => new("reason", reason.ToString());

    private static InstrumentAdvice<double> Buckets(double[] boundaries) => new() { HistogramBucketBoundaries = boundaries };
}
