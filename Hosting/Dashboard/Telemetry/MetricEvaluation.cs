namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>Makes the points of a chart from what was measured.</summary>
internal static class MetricEvaluation
{
    public static IReadOnlyList<MetricSeries> Evaluate(
        InstrumentType type, IReadOnlyList<MetricSeriesCopy> series, MetricQuery query, TimeSlots slots) =>
        [.. series.Where(one => IsWanted(one.Dimensions, query))
            .GroupBy(one => KeyOf(one.Dimensions, query.GroupBy))
            .Select(group => new MetricSeries(group.Key.Items, type == InstrumentType.Histogram
                ? Histograms(group, slots)
                : Numbers(type, group, slots)))
            .Where(one => one.Points.Any(point => point.Value is not null || point.Rate is not null))
            .OrderBy(one => string.Join('\0', one.Dimensions.Select(item => item.Value)), StringComparer.Ordinal)];

    private static bool IsWanted(DimensionSet dimensions, MetricQuery query) =>
        query.Where is null || query.Where.All(wanted => wanted.Value.Contains(dimensions[wanted.Key] ?? ""));

    private static DimensionSet KeyOf(DimensionSet dimensions, IReadOnlyList<string>? groupBy) => groupBy is null
        ? dimensions
        : new DimensionSet(dimensions.Items.Where(item => groupBy.Contains(item.Name)));

    private static MetricPoint[] Numbers(InstrumentType type, IEnumerable<MetricSeriesCopy> series, TimeSlots slots)
    {
        var values = new Total[slots.Count];
        var rates = new Total[slots.Count];
        foreach (var one in series)
        {
            if (type == InstrumentType.Counter) AddCounter(one.Numbers, slots, values, rates);
            else AddLevels(one.Numbers, slots, values);
        }
        var isMean = type == InstrumentType.Gauge;
        return Points(slots, slot => new MetricPoint(
            TimeOf(slots, slot), isMean ? values[slot].Mean : values[slot].Sum, rates[slot].Sum, null));
    }

    // The total is taken to rise evenly from one point to the next: points and steps do not fall together.
    private static void AddCounter(NumberPoint[] points, TimeSlots slots, Total[] values, Total[] rates)
    {
        if (points.Length == 0) return;
        var (first, last) = (points[0].Ticks, points[^1].Ticks);
        var at = 0;
        for (var slot = 0; slot < slots.Count; slot++)
        {
            var from = Math.Max(slots.Start(slot), first);
            var to = Math.Min(slots.End(slot), last);
            // A single point says what the total is, but not how it came about.
            if (points.Length == 1 && slots.At(first) == slot) values[slot].Add(points[0].Value);
            if (from >= to) continue;
            while (points[at + 1].Ticks <= from)
                at++;
            var rise = 0.0;
            var here = at;
            for (; here + 1 < points.Length && points[here].Ticks < to; here++)
            {
                var (a, b) = (points[here], points[here + 1]);
                var overlap = Math.Min(b.Ticks, to) - Math.Max(a.Ticks, from);
                rise += Rise(a, b) * overlap / (b.Ticks - a.Ticks);
            }
            var (before, after) = (points[here - 1], points[here]);
            var part = (to - before.Ticks) / (double)(after.Ticks - before.Ticks);
            values[slot].Add(after.Value < before.Value ? after.Value * part : before.Value + Rise(before, after) * part);
            rates[slot].Add(rise / TimeSpan.FromTicks(to - from).TotalSeconds);
        }
    }

    // A total that fell began anew at zero.
    private static double Rise(NumberPoint a, NumberPoint b) => b.Value < a.Value ? b.Value : b.Value - a.Value;

    // A level stays until another is told, and is known until the last was.
    private static void AddLevels(NumberPoint[] points, TimeSlots slots, Total[] values)
    {
        if (points.Length == 0) return;
        var at = -1;
        for (var slot = 0; slot < slots.Count; slot++)
        {
            while (at + 1 < points.Length && points[at + 1].Ticks <= slots.End(slot))
                at++;
            if (at >= 0 && points[^1].Ticks > slots.Start(slot)) values[slot].Add(points[at].Value);
        }
    }

    private static MetricPoint[] Histograms(IEnumerable<MetricSeriesCopy> series, TimeSlots slots)
    {
        var sums = new BucketSum?[slots.Count];
        foreach (var point in series.SelectMany(one => one.Histograms))
        {
            var (firstSlot, lastSlot) = (Math.Max(slots.At(point.From), 0), Math.Min(slots.At(point.To), slots.Count - 1));
            for (var slot = firstSlot; slot <= lastSlot; slot++)
            {
                var overlap = Math.Min(slots.End(slot), point.To) - Math.Max(slots.Start(slot), point.From);
                if (overlap < 0 || (overlap == 0 && point.To != point.From)) continue;
                var share = point.To == point.From ? 1 : overlap / (double)(point.To - point.From);
                (sums[slot] ??= new BucketSum()).Add(point, share);
            }
        }
        return Points(slots, slot => sums[slot] is { Count: > 0 } sum
            ? new MetricPoint(
                TimeOf(slots, slot), sum.Sum / sum.Count, sum.Count / TimeSpan.FromTicks(slots.Step).TotalSeconds,
                sum.Percentiles())
            : new MetricPoint(TimeOf(slots, slot), null, null, null));
    }

    private static MetricPoint[] Points(TimeSlots slots, Func<int, MetricPoint> point) =>
        [.. Enumerable.Range(0, slots.Count).Select(point)];

    private static DateTimeOffset TimeOf(TimeSlots slots, int slot) => new(slots.End(slot), TimeSpan.Zero);

    private struct Total
    {
        private double _sum;
        private int _count;

        public readonly double? Sum => _count == 0 ? null : _sum;

        public readonly double? Mean => _count == 0 ? null : _sum / _count;

        public void Add(double value)
        {
            _sum += value;
            _count++;
        }
    }
}
