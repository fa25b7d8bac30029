using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>
/// What is kept: the configuration section <c>Dashboard:TelemetryLimits</c>. What is older makes room for what is newer. The
/// names that Aspire's dashboard has too have its defaults, except for the lengths, which are unlimited there.
/// </summary>
public sealed class TelemetryLimits
{
    /// <summary>The section's name.</summary>
    public const string Section = "Dashboard:TelemetryLimits";

    private const int MiB = 1024 * 1024;

    /// <summary>Log records.</summary>
    [Range(1, int.MaxValue)]
    public int MaxLogCount { get; set; } = 10_000;

    /// <summary>The size of all log records, as estimated.</summary>
    [Range(1, long.MaxValue)]
    public long MaxLogBytes { get; set; } = 64L * MiB;

    /// <summary>Traces.</summary>
    [Range(1, int.MaxValue)]
    public int MaxTraceCount { get; set; } = 10_000;

    /// <summary>The size of all spans, as estimated.</summary>
    [Range(1, long.MaxValue)]
    public long MaxTraceBytes { get; set; } = 192L * MiB;

    /// <summary>Spans of one trace; further ones are refused.</summary>
    [Range(1, int.MaxValue)]
    public int MaxSpansPerTrace { get; set; } = 10_000;

    /// <summary>Events of one span; further ones are left out.</summary>
    [Range(0, int.MaxValue)]
    public int MaxSpanEventCount { get; set; } = 128;

    /// <summary>Links of one span; further ones are left out.</summary>
    [Range(0, int.MaxValue)]
    public int MaxSpanLinkCount { get; set; } = 128;

    /// <summary>Points of one series of an instrument.</summary>
    [Range(1, int.MaxValue)]
    public int MaxMetricsCount { get; set; } = 50_000;

    /// <summary>The size of all points, as estimated.</summary>
    [Range(1, long.MaxValue)]
    public long MaxMetricBytes { get; set; } = 64L * MiB;

    /// <summary>Instruments of one resource; further ones are refused.</summary>
    [Range(1, int.MaxValue)]
    public int MaxInstrumentCount { get; set; } = 1_000;

    /// <summary>Sets of dimensions of one instrument; further ones are refused.</summary>
    [Range(1, int.MaxValue)]
    public int MaxDimensionCount { get; set; } = 2_000;

    /// <summary>Resources; the one that was silent for longest makes room.</summary>
    [Range(1, int.MaxValue)]
    public int MaxResourceCount { get; set; } = 10_000;

    /// <summary>Attributes of one span, log record, event, link, resource or point; further ones are left out.</summary>
    [Range(0, int.MaxValue)]
    public int MaxAttributeCount { get; set; } = 128;

    /// <summary>Characters of a value, a message or a name; what is longer is cut.</summary>
    [Range(1, int.MaxValue)]
    public int MaxAttributeLength { get; set; } = 16_384;
}

[OptionsValidator]
internal sealed partial class TelemetryLimitsValidator : IValidateOptions<TelemetryLimits>;
