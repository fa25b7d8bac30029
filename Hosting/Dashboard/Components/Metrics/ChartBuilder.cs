using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Components.Metrics;

/// <summary>What of an instrument is drawn.</summary>
internal enum MetricMeasure
{
    /// <summary>The value as it is; a counter's total.</summary>
    Value,

    /// <summary>The rise per second.</summary>
    Rate,

    /// <summary>How a histogram's values are spread.</summary>
    Percentiles,
}

/// <summary>Makes lines of an instrument's series.</summary>
internal static class ChartBuilder
{
    public const int MaxSeries = 10;

    /// <summary>What an instrument can be drawn as, the best first.</summary>
    public static IReadOnlyList<MetricMeasure> Measures(InstrumentType type) => type switch
    {
        InstrumentType.Counter => [MetricMeasure.Rate, MetricMeasure.Value],
        InstrumentType.Histogram => [MetricMeasure.Percentiles, MetricMeasure.Rate],
        _ => [MetricMeasure.Value],
    };

    public static IReadOnlyList<ChartLine> Lines(MetricResult result, MetricMeasure measure)
    {
        var series = result.Series.Take(MaxSeries).ToList();
        if (measure is not MetricMeasure.Percentiles)
        {
            return [.. series.Select((one, i) => new ChartLine(
                Name(one, measure is MetricMeasure.Rate ? "Rate" : "Value"), Color(i),
                [.. one.Points.Select(point => measure is MetricMeasure.Rate ? point.Rate : point.Value)]))];
        }
        // Three lines each would be a thicket.
        return series.Count == 1
            ?
            [
                new ChartLine("P50", "var(--r1)", [.. series[0].Points.Select(point => point.Percentiles?.P50)]),
                new ChartLine("P90", "var(--r0)", [.. series[0].Points.Select(point => point.Percentiles?.P90)]),
                new ChartLine("P99", "var(--r2)", [.. series[0].Points.Select(point => point.Percentiles?.P99)]),
            ]
            : [.. series.Select((one, i) => new ChartLine(
                $"P90 {Name(one, "")}", Color(i), [.. one.Points.Select(point => point.Percentiles?.P90)]))];
    }

    private static string Color(int i) => $"var(--r{i % 12})";

    private static string Name(MetricSeries series, string alone) =>
        series.Dimensions.Count == 0 ? alone
            : string.Join(", ", series.Dimensions.Select(one => one.Value.Length == 0 ? "(none)" : one.Value));
}
