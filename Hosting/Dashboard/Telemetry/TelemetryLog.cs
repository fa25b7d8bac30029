namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>A structured log record.</summary>
public sealed class TelemetryLog
{
    /// <summary>Rises with every record that arrives.</summary>
    public long Id { get; internal set; }

    /// <summary>When it was written or, where that is not told, observed.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How severe it is.</summary>
    public required LogLevel Level { get; init; }

    /// <summary>The text, with the values filled in.</summary>
    public required string Message { get; init; }

    /// <summary>The text before the values were filled in, where it is known.</summary>
    public string? Template { get; init; }

    /// <summary>The logger's name.</summary>
    public required string Category { get; init; }

    /// <summary>The event's name, where it has one.</summary>
    public string? EventName { get; init; }

    /// <summary>The trace it belongs to, in hexadecimal.</summary>
    public string? TraceId { get; init; }

    /// <summary>The span it belongs to, in hexadecimal.</summary>
    public string? SpanId { get; init; }

    /// <summary>The values, an exception's parts among them (<c>exception.type</c>, <c>exception.stacktrace</c>).</summary>
    public required IReadOnlyList<TelemetryAttribute> Attributes { get; init; }

    /// <summary>Who wrote it.</summary>
    public required TelemetryResource Resource { get; init; }

    internal int Bytes { get; init; }
}

/// <summary>Which log records are wanted.</summary>
public sealed record LogQuery
{
    /// <summary>The least severe level.</summary>
    public LogLevel MinimumLevel { get; init; }

    /// <summary>A resource's display name, or a service's name for all its instances.</summary>
    public string? Resource { get; init; }

    /// <summary>What message, category, event name or a value must contain; case does not matter.</summary>
    public string? Text { get; init; }

    /// <summary>Only those of this trace.</summary>
    public string? TraceId { get; init; }

    /// <summary>Only those of this span.</summary>
    public string? SpanId { get; init; }

    /// <summary>The order; the newest come first unless this is set.</summary>
    public bool OldestFirst { get; init; }

    /// <summary>How many to leave out at the beginning.</summary>
    public int Offset { get; init; }

    /// <summary>How many at most.</summary>
    public int Count { get; init; } = 100;
}

/// <summary>A part of what was asked for.</summary>
/// <param name="Items">The part.</param>
/// <param name="TotalCount">How many there are in all.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, int TotalCount);
