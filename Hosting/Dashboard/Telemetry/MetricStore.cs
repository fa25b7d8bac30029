namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>What the instruments measured, by resource, instrument and set of dimensions.</summary>
internal sealed class MetricStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TelemetryResource, Dictionary<(string Meter, string Name), Instrument>> _byResource = [];
    private readonly TelemetryLimits _limits;
    private readonly PointBudget _budget;

    public MetricStore(TelemetryLimits limits)
    {
        _limits = limits;
        _budget = new PointBudget(limits.MaxMetricBytes);
    }

    private sealed class Instrument(InstrumentInfo info)
    {
        public InstrumentInfo Info => info;

        public Dictionary<DimensionSet, MetricSeriesData> Series { get; } = [];
    }

    /// <summary>Says how many found no room.</summary>
    public int Add(IReadOnlyList<MetricSample> samples)
    {
        var rejected = 0;
        lock (_lock)
        {
            foreach (var sample in samples)
            {
                if (SeriesOf(sample) is { } series) series.Add(sample);
                else rejected++;
            }
        }
        return rejected;
    }

    public IReadOnlyList<InstrumentInfo> Instruments(string resource)
    {
        lock (_lock)
        {
            return [.. Of(resource).SelectMany(instruments => instruments.Values).Select(instrument => instrument.Info)
                .DistinctBy(info => (info.Meter, info.Name))
                .OrderBy(info => info.Meter, StringComparer.OrdinalIgnoreCase)
                .ThenBy(info => info.Name, StringComparer.OrdinalIgnoreCase)];
        }
    }

    public MetricResult? Query(MetricQuery query)
    {
        var slots = new TimeSlots(query);
        List<MetricSeriesCopy> series;
        InstrumentInfo info;
        lock (_lock)
        {
            var instruments = Of(query.Resource)
                .Select(all => all.GetValueOrDefault((query.Meter, query.Instrument))).OfType<Instrument>().ToList();
            if (instruments.Count == 0) return null;
            info = instruments[0].Info;
            // Two instances of a service may be of two versions.
            series = [.. instruments.Where(instrument => instrument.Info.Type == info.Type)
                .SelectMany(instrument => instrument.Series.Values).Select(MetricSeriesCopy.Of)];
        }
        return new MetricResult(info, DimensionsOf(series), MetricEvaluation.Evaluate(info.Type, series, query, slots));
    }

    public void Clear(string? resource)
    {
        lock (_lock)
        {
            foreach (var known in _byResource.Keys.Where(known => known.Matches(resource)).ToList())
                Remove(known);
        }
    }

    public void Clear(TelemetryResource resource)
    {
        lock (_lock)
            Remove(resource);
    }

    private IEnumerable<Dictionary<(string Meter, string Name), Instrument>> Of(string resource) =>
        _byResource.Where(entry => entry.Key.Matches(resource)).Select(entry => entry.Value);

    private MetricSeriesData? SeriesOf(MetricSample sample)
    {
        if (!_byResource.TryGetValue(sample.Resource, out var instruments))
            _byResource.Add(sample.Resource, instruments = []);
        var info = sample.Instrument;
        var key = (info.Meter, info.Name);
        if (!instruments.TryGetValue(key, out var instrument))
        {
            if (instruments.Count >= _limits.MaxInstrumentCount) return null;
            instruments.Add(key, instrument = new Instrument(info));
        }
        // One name measures one thing.
        if (instrument.Info.Type != info.Type) return null;
        if (instrument.Series.TryGetValue(sample.Dimensions, out var series)) return series;
        if (instrument.Series.Count >= _limits.MaxDimensionCount) return null;
        series = info.Type == InstrumentType.Histogram
            ? new HistogramSeries(sample.Dimensions, _budget, _limits.MaxMetricsCount, Emptied)
            : new NumberSeries(
                sample.Dimensions, info.Type == InstrumentType.Counter, _budget, _limits.MaxMetricsCount, Emptied);
        instrument.Series.Add(sample.Dimensions, series);
        return series;

        void Emptied(MetricSeriesData empty)
        {
            instrument.Series.Remove(empty.Dimensions);
            if (instrument.Series.Count > 0) return;
            instruments.Remove(key);
            if (instruments.Count == 0) _byResource.Remove(sample.Resource);
        }
    }

    private void Remove(TelemetryResource resource)
    {
        if (!_byResource.Remove(resource, out var instruments)) return;
        foreach (var series in instruments.Values.SelectMany(instrument => instrument.Series.Values).ToList())
            series.Clear();
    }

    private static List<MetricDimension> DimensionsOf(List<MetricSeriesCopy> series) =>
        [.. series.SelectMany(one => one.Dimensions.Items).GroupBy(item => item.Name)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new MetricDimension(
                group.Key, [.. group.Select(item => item.Value).Distinct().Order(StringComparer.Ordinal)]))];
}

/// <summary>A series as it was at one moment.</summary>
internal sealed record MetricSeriesCopy(DimensionSet Dimensions, NumberPoint[] Numbers, HistogramPoint[] Histograms)
{
    public static MetricSeriesCopy Of(MetricSeriesData series) => series switch
    {
        NumberSeries numbers => new(series.Dimensions, numbers.Points(), []),
        HistogramSeries histograms => new(series.Dimensions, [], histograms.Points()),
        _ => throw new ArgumentException($"{series.GetType()} is no series.", nameof(series)),
    };
}
