namespace SdAspire.Hosting.Dashboard.Telemetry;

internal readonly record struct NumberPoint(long Ticks, double Value);

/// <summary>What a histogram recorded from one time to another.</summary>
internal readonly record struct HistogramPoint(
    long From, long To, double Count, double Sum, IReadOnlyList<Bucket> Buckets);

/// <summary>The points of one set of dimensions.</summary>
internal abstract class MetricSeriesData(DimensionSet dimensions)
{
    public DimensionSet Dimensions => dimensions;

    protected long LastTicks { get; private set; }

    /// <summary>A sample that is not newer than the last one says nothing new.</summary>
    public void Add(MetricSample sample)
    {
        if (sample.Time.UtcTicks <= LastTicks) return;
        Append(sample);
        LastTicks = sample.Time.UtcTicks;
    }

    public abstract void Clear();

    protected abstract void Append(MetricSample sample);
}

/// <summary>Numbers. A counter's are totals, which fall only where the sender began anew.</summary>
internal sealed class NumberSeries : MetricSeriesData
{
    private readonly PointList<NumberPoint> _points;
    private readonly bool _isCounter;
    private double _last;
    private bool _isPlateau;

    public NumberSeries(
        DimensionSet dimensions, bool isCounter, PointBudget budget, int maxCount, Action<MetricSeriesData> emptied)
        : base(dimensions)
    {
        _isCounter = isCounter;
        _points = new PointList<NumberPoint>(budget, maxCount, () => emptied(this));
    }

    public NumberPoint[] Points() => _points.ToArray();

    public override void Clear() => _points.Clear();

    protected override void Append(MetricSample sample)
    {
        var isFirst = LastTicks == 0;
        // A counter that began here begins at zero.
        if (isFirst && _isCounter && sample.Start < sample.Time && sample.Start > DateTimeOffset.UnixEpoch)
            _points.Add(new NumberPoint(sample.Start.UtcTicks, 0));
        var value = sample.IsDelta ? _last + sample.Value : sample.Value;
        var point = new NumberPoint(sample.Time.UtcTicks, value);
        var isSame = !isFirst && value.Equals(_last);
        // Of a plateau the ends are enough.
        if (isSame && _isPlateau && _points.Count > 0) _points.Last = point;
        else _points.Add(point);
        _isPlateau = isSame;
        _last = value;
    }
}

/// <summary>Histograms, each as what came since the one before.</summary>
internal sealed class HistogramSeries : MetricSeriesData
{
    private const int ListBytes = 64;
    private const int BucketBytes = 24;

    private readonly PointList<HistogramPoint> _points;
    private Distribution? _last;

    public HistogramSeries(DimensionSet dimensions, PointBudget budget, int maxCount, Action<MetricSeriesData> emptied)
        : base(dimensions) =>
        _points = new PointList<HistogramPoint>(budget, maxCount, () => emptied(this));

    public HistogramPoint[] Points() => _points.ToArray();

    public override void Clear() => _points.Clear();

    protected override void Append(MetricSample sample)
    {
        var now = sample.Distribution!;
        var buckets = sample.IsDelta || _last is null ? null : now.Since(_last);
        var (count, sum) = buckets is null ? (now.Count, now.Sum) : (now.Count - _last!.Count, now.Sum - _last.Sum);
        buckets ??= now.Buckets();
        _last = now;
        // Where nothing was recorded there is nothing to keep; but a series with no point at all would not be known.
        if (count == 0 && _points.Count > 0) return;
        var from = LastTicks == 0 || sample.IsDelta ? sample.Start.UtcTicks : LastTicks;
        var to = sample.Time.UtcTicks;
        _points.Add(
            new HistogramPoint(Math.Min(from, to), to, count, sum, buckets), ListBytes + BucketBytes * buckets.Count);
    }
}
