namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>
/// What the services sent, in bounded memory. Safe for many threads; what a query returns does not change any more.
/// </summary>
public sealed class TelemetryStore
{
    /// <summary>The resources that sent telemetry, by display name.</summary>
    public IReadOnlyList<TelemetryResource> Resources() => [];

    /// <summary>Log records.</summary>
    public Page<TelemetryLog> Logs(LogQuery query) => new([], 0);

    /// <summary>Traces, newest first.</summary>
    public Page<TraceSummary> Traces(TraceQuery query) => new([], 0);

    /// <summary>One trace by its id in hexadecimal; null if it is not here.</summary>
    public TraceDetail? Trace(string traceId) => null;

    /// <summary>The instruments of a resource (or of all instances of a service), by meter and name.</summary>
    public IReadOnlyList<InstrumentInfo> Instruments(string resource) => [];

    /// <summary>Values of an instrument; null if it is not known.</summary>
    /// <exception cref="ArgumentException">The range or the step makes no sense, or there would be too many points.</exception>
    public MetricResult? Metric(MetricQuery query) => null;

    /// <summary>
    /// Calls back after something of these kinds has changed, a few times a second at most, on any thread, until disposed.
    /// </summary>
    public IDisposable Subscribe(TelemetryKinds kinds, Action<TelemetryKinds> changed) => throw new NotSupportedException();

    /// <summary>Forgets what was sent: all of it, or that of a resource (or of all instances of a service).</summary>
    public void Clear(TelemetryKinds kinds = TelemetryKinds.All, string? resource = null) { }
}
