namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>A trace in a list. Spans that arrive later make a new summary.</summary>
/// <param name="TraceId">In hexadecimal.</param>
/// <param name="Name">The root's name or, until the root arrives, that of the earliest span.</param>
/// <param name="Resource">Whose span the name is.</param>
/// <param name="IsComplete">Whether the root and every parent has arrived.</param>
/// <param name="Start">When the earliest span began.</param>
/// <param name="Duration">From there to the end of the last span.</param>
/// <param name="SpanCount">How many spans arrived and were kept.</param>
/// <param name="HasError">Whether any span failed.</param>
/// <param name="Resources">Who took part, in the order of their first spans.</param>
public sealed record TraceSummary(
    string TraceId,
    string Name,
    TelemetryResource Resource,
    bool IsComplete,
    DateTimeOffset Start,
    TimeSpan Duration,
    int SpanCount,
    bool HasError,
    IReadOnlyList<TraceResource> Resources);

/// <summary>One resource's part in a trace.</summary>
public sealed record TraceResource(TelemetryResource Resource, int SpanCount, int ErrorCount);

/// <summary>A trace as a waterfall.</summary>
/// <param name="Summary">The trace as a whole.</param>
/// <param name="Spans">Each span right after its parent, children in the order of their start.</param>
/// <param name="Logs">The trace's log records, oldest first.</param>
public sealed record TraceDetail(
    TraceSummary Summary, IReadOnlyList<WaterfallSpan> Spans, IReadOnlyList<TelemetryLog> Logs);

/// <summary>A span in its place.</summary>
/// <param name="Span">The span.</param>
/// <param name="Depth">Zero for a root, and for a span whose parent is not here.</param>
/// <param name="Offset">From the trace's start to the span's.</param>
/// <param name="ChildCount">How many spans it caused itself.</param>
/// <param name="IsOrphan">Whether its parent is not here (yet).</param>
public sealed record WaterfallSpan(TelemetrySpan Span, int Depth, TimeSpan Offset, int ChildCount, bool IsOrphan);

/// <summary>Which traces are wanted, newest first.</summary>
public sealed record TraceQuery
{
    /// <summary>Who must have taken part: a resource's display name, or a service's name for all its instances.</summary>
    public string? Resource { get; init; }

    /// <summary>What a span's name, a value or the trace id must contain; case does not matter.</summary>
    public string? Text { get; init; }

    /// <summary>Only those in which a span failed.</summary>
    public bool ErrorsOnly { get; init; }

    /// <summary>How many to leave out at the beginning.</summary>
    public int Offset { get; init; }

    /// <summary>How many at most.</summary>
    public int Count { get; init; } = 100;
}
