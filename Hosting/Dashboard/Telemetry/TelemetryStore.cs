using Microsoft.Extensions.Options;

namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>
/// What the services sent, in bounded memory. Safe for many threads; what a query returns does not change any more.
/// </summary>
public sealed class TelemetryStore : IDisposable
{
    private readonly ResourceRegistry _resources;
    private readonly LogStore _logs;
    private readonly TraceStore _traces;
    private readonly MetricStore _metrics;
    private readonly ChangeNotifier _notifier;

    /// <summary>An empty store.</summary>
    public TelemetryStore(IOptions<TelemetryLimits> limits, TimeProvider time, ILogger<TelemetryStore> logger)
    {
        Limits = limits.Value;
        _resources = new ResourceRegistry(Limits.MaxResourceCount);
        _logs = new LogStore(Limits);
        _traces = new TraceStore(Limits);
        _metrics = new MetricStore(Limits);
        _notifier = new ChangeNotifier(time, logger);
    }

    /// <summary>What is kept.</summary>
    public TelemetryLimits Limits { get; }

    /// <summary>The resources that sent telemetry, by display name.</summary>
    public IReadOnlyList<TelemetryResource> Resources() => _resources.All();

    /// <summary>Log records.</summary>
    public Page<TelemetryLog> Logs(LogQuery query) => _logs.Query(query);

    /// <summary>Traces, newest first.</summary>
    public Page<TraceSummary> Traces(TraceQuery query) => _traces.Query(query);

    /// <summary>One trace by its id in hexadecimal; null if it is not here.</summary>
    public TraceDetail? Trace(string traceId)
    {
        if (_traces.Find(traceId) is not var (summary, spans)) return null;
        var logs = _logs.Query(new LogQuery { TraceId = summary.TraceId, OldestFirst = true, Count = int.MaxValue });
        return new TraceDetail(summary, Waterfall.Of(spans, summary.Start), logs.Items);
    }

    /// <summary>The instruments of a resource (or of all instances of a service), by meter and name.</summary>
    public IReadOnlyList<InstrumentInfo> Instruments(string resource) => _metrics.Instruments(resource);

    /// <summary>Values of an instrument; null if it is not known.</summary>
    /// <exception cref="ArgumentException">The range or the step makes no sense, or there would be too many points.</exception>
    public MetricResult? Metric(MetricQuery query) => _metrics.Query(query);

    /// <summary>
    /// Calls back after something of these kinds has changed, a few times a second at most, on any thread, until disposed.
    /// </summary>
    public IDisposable Subscribe(TelemetryKinds kinds, Action<TelemetryKinds> changed) => _notifier.Subscribe(kinds, changed);

    /// <summary>
    /// Forgets what was sent: all of it, or that of a resource (or of all instances of a service). A trace goes as a whole.
    /// </summary>
    public void Clear(TelemetryKinds kinds = TelemetryKinds.All, string? resource = null)
    {
        if (kinds.HasFlag(TelemetryKinds.Logs)) _logs.Clear(resource);
        if (kinds.HasFlag(TelemetryKinds.Traces)) _traces.Clear(resource);
        if (kinds.HasFlag(TelemetryKinds.Metrics)) _metrics.Clear(resource);
        if (kinds.HasFlag(TelemetryKinds.Resources)) _resources.Remove(resource);
        _notifier.Changed(kinds);
    }

    /// <inheritdoc/>
    public void Dispose() => _notifier.Dispose();

    internal TelemetryResource Resource(string name, string instanceId, IReadOnlyList<TelemetryAttribute> attributes)
    {
        var (resource, evicted, isNew) = _resources.GetOrAdd(name, instanceId, attributes);
        if (evicted is not null) _metrics.Clear(evicted);
        if (isNew) _notifier.Changed(TelemetryKinds.Resources);
        return resource;
    }

    internal void Add(IReadOnlyList<TelemetryLog> logs)
    {
        if (logs.Count == 0) return;
        _logs.Add(logs);
        _notifier.Changed(TelemetryKinds.Logs);
    }

    /// <summary>Says how many spans found no room in their trace.</summary>
    internal int Add(IReadOnlyList<TelemetrySpan> spans)
    {
        if (spans.Count == 0) return 0;
        var rejected = _traces.Add(spans);
        _notifier.Changed(TelemetryKinds.Traces);
        return rejected;
    }

    /// <summary>Says how many samples found no room.</summary>
    internal int Add(IReadOnlyList<MetricSample> samples)
    {
        if (samples.Count == 0) return 0;
        var rejected = _metrics.Add(samples);
        _notifier.Changed(TelemetryKinds.Metrics);
        return rejected;
    }
}
