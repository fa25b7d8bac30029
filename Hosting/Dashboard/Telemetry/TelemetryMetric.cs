namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>What an instrument measures with.</summary>
public enum InstrumentType
{
    /// <summary>A sum that only rises.</summary>
    Counter,

    /// <summary>A sum that rises and falls.</summary>
    UpDownCounter,

    /// <summary>A value as it is.</summary>
    Gauge,

    /// <summary>The distribution of many values.</summary>
    Histogram,
}

/// <summary>An instrument of a meter.</summary>
public sealed record InstrumentInfo(string Meter, string Name, string Description, string Unit, InstrumentType Type);

/// <summary>Which values of an instrument are wanted.</summary>
public sealed record MetricQuery
{
    /// <summary>The most points that a series may have.</summary>
    public const int MaxPoints = 2000;

    /// <summary>A resource's display name, or a service's name for all its instances.</summary>
    public required string Resource { get; init; }

    /// <summary>The meter's name.</summary>
    public required string Meter { get; init; }

    /// <summary>The instrument's name.</summary>
    public required string Instrument { get; init; }

    /// <summary>The beginning of the time range.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The end of the time range.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>The time between two points of a series.</summary>
    public required TimeSpan Step { get; init; }

    /// <summary>For a dimension the values that are wanted; a dimension that is not named may have any.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>>? Where { get; init; }

    /// <summary>
    /// The dimensions by which to tell series apart: null for all of them, empty for one series in all. Sums and histograms are
    /// added up, gauges averaged.
    /// </summary>
    public IReadOnlyList<string>? GroupBy { get; init; }
}

/// <summary>The values of an instrument.</summary>
/// <param name="Instrument">The instrument.</param>
/// <param name="Dimensions">The dimensions that it has, whether wanted or not.</param>
/// <param name="Series">One for each set of dimensions that is told apart.</param>
public sealed record MetricResult(
    InstrumentInfo Instrument, IReadOnlyList<MetricDimension> Dimensions, IReadOnlyList<MetricSeries> Series);

/// <summary>A dimension and the values that occur.</summary>
public sealed record MetricDimension(string Name, IReadOnlyList<string> Values);

/// <summary>Values over time.</summary>
/// <param name="Dimensions">What tells it apart; empty where there is one series.</param>
/// <param name="Points">One for each step, the last at the end of the range.</param>
public sealed record MetricSeries(IReadOnlyList<TelemetryAttribute> Dimensions, IReadOnlyList<MetricPoint> Points);

/// <summary>One step of a series; null where nothing is known.</summary>
/// <param name="Time">The end of the step.</param>
/// <param name="Value">The value then: a counter's total, a histogram's mean over the step.</param>
/// <param name="Rate">By how much a counter, or the count of a histogram, rose per second.</param>
/// <param name="Percentiles">Of the values that a histogram recorded during the step.</param>
public readonly record struct MetricPoint(DateTimeOffset Time, double? Value, double? Rate, Percentiles? Percentiles);

/// <summary>Half, nine tenths and 99 of 100 values are not above these.</summary>
public sealed record Percentiles(double P50, double P90, double P99);
