using System.Diagnostics;

namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>One piece of work within a trace.</summary>
public sealed class TelemetrySpan
{
    internal UInt128 Trace { get; init; }

    internal ulong Id { get; init; }

    /// <summary>Zero for a root.</summary>
    internal ulong Parent { get; init; }

    /// <summary>The trace, in hexadecimal.</summary>
    public string TraceId => Trace.ToString("x32");

    /// <summary>The span, in hexadecimal.</summary>
    public string SpanId => Id.ToString("x16");

    /// <summary>The span that caused it; null for a root.</summary>
    public string? ParentSpanId => Parent == 0 ? null : Parent.ToString("x16");

    /// <summary>What was done.</summary>
    public required string Name { get; init; }

    /// <summary>The activity source.</summary>
    public required string Source { get; init; }

    /// <summary>The side of a call.</summary>
    public required ActivityKind Kind { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset End => Start + Duration;

    /// <summary>How it ended.</summary>
    public required ActivityStatusCode Status { get; init; }

    /// <summary>What went wrong.</summary>
    public string? StatusMessage { get; init; }

    /// <summary>What is known about it.</summary>
    public required IReadOnlyList<TelemetryAttribute> Attributes { get; init; }

    /// <summary>What happened meanwhile.</summary>
    public IReadOnlyList<SpanEvent> Events { get; init; } = [];

    /// <summary>Spans that it has to do with, in this trace or another.</summary>
    public IReadOnlyList<SpanLink> Links { get; init; } = [];

    /// <summary>Who did it.</summary>
    public required TelemetryResource Resource { get; init; }

    internal int Bytes { get; init; }
}

/// <summary>Something that happened during a span.</summary>
public sealed record SpanEvent(string Name, DateTimeOffset Time, IReadOnlyList<TelemetryAttribute> Attributes);

/// <summary>A span that another points to.</summary>
public sealed record SpanLink(string TraceId, string SpanId, IReadOnlyList<TelemetryAttribute> Attributes);
