namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>How many values lie above <paramref name="Lower"/> and not above <paramref name="Upper"/>.</summary>
internal readonly record struct Bucket(double Lower, double Upper, double Count);

/// <summary>A histogram's values. Those of one series can be told from what they were before.</summary>
internal abstract class Distribution(double count, double sum)
{
    public double Count => count;

    public double Sum => sum;

    /// <summary>Those that have any.</summary>
    public abstract IReadOnlyList<Bucket> Buckets();

    /// <summary>What came since <paramref name="earlier"/>; null if this is no continuation of that.</summary>
    public abstract IReadOnlyList<Bucket>? Since(Distribution earlier);
}

/// <summary>With the boundaries that the sender chose: n of them make n + 1 buckets.</summary>
internal sealed class ExplicitDistribution(
    double count, double sum, IReadOnlyList<double> bounds, IReadOnlyList<ulong> counts) : Distribution(count, sum)
{
    private readonly IReadOnlyList<double> _bounds = bounds;
    private readonly IReadOnlyList<ulong> _counts = counts;

    public override IReadOnlyList<Bucket> Buckets() => Filled(i => _counts[i])!;

    public override IReadOnlyList<Bucket>? Since(Distribution earlier)
    {
        if (earlier is not ExplicitDistribution other || other._counts.Count != _counts.Count) return null;
        if (!_bounds.SequenceEqual(other._bounds)) return null;
        return Filled(i => _counts[i] < other._counts[i] ? null : _counts[i] - other._counts[i]);
    }

    private List<Bucket>? Filled(Func<int, ulong?> count)
    {
        var buckets = new List<Bucket>();
        for (var i = 0; i < _counts.Count; i++)
        {
            if (count(i) is not { } n) return null;
            if (n == 0) continue;
            var lower = i == 0 ? double.NegativeInfinity : _bounds[i - 1];
            var upper = i < _bounds.Count ? _bounds[i] : double.PositiveInfinity;
            buckets.Add(new Bucket(lower, upper, n));
        }
        return buckets;
    }
}

/// <summary>
/// With boundaries at the powers of 2^(2^-scale). A sender lowers the scale when its values spread, so two of one series may
/// differ in it; each bucket of a lower scale holds whole buckets of a higher one.
/// </summary>
internal sealed class ExponentialDistribution(
    double count, double sum, int scale, double zeroThreshold, ulong zeros,
    IReadOnlyDictionary<int, ulong> positive, IReadOnlyDictionary<int, ulong> negative) : Distribution(count, sum)
{
    private readonly int _scale = scale;
    private readonly ulong _zeros = zeros;
    private readonly IReadOnlyDictionary<int, ulong> _positive = positive;
    private readonly IReadOnlyDictionary<int, ulong> _negative = negative;

    public override IReadOnlyList<Bucket> Buckets() => Filled(_scale, _zeros, _positive, _negative);

    public override IReadOnlyList<Bucket>? Since(Distribution earlier)
    {
        if (earlier is not ExponentialDistribution other || _zeros < other._zeros) return null;
        var common = Math.Min(_scale, other._scale);
        var positive = Difference(AtScale(_positive, _scale, common), AtScale(other._positive, other._scale, common));
        var negative = Difference(AtScale(_negative, _scale, common), AtScale(other._negative, other._scale, common));
        if (positive is null || negative is null) return null;
        return Filled(common, _zeros - other._zeros, positive, negative);
    }

    private static Dictionary<int, ulong> AtScale(IReadOnlyDictionary<int, ulong> counts, int from, int to)
    {
        var coarser = new Dictionary<int, ulong>();
        foreach (var (index, n) in counts)
        {
            // From 31 on nothing but the sign is left.
            var at = index >> Math.Min(from - to, 31);
            coarser[at] = coarser.GetValueOrDefault(at) + n;
        }
        return coarser;
    }

    private static Dictionary<int, ulong>? Difference(Dictionary<int, ulong> now, Dictionary<int, ulong> before)
    {
        foreach (var (index, n) in before)
        {
            var left = now.GetValueOrDefault(index);
            if (left < n) return null;
            now[index] = left - n;
        }
        return now;
    }

    private List<Bucket> Filled(
        int scale, ulong zeros, IReadOnlyDictionary<int, ulong> positive, IReadOnlyDictionary<int, ulong> negative)
    {
        var buckets = new List<Bucket>();
        var step = Math.Pow(2, -scale);
        foreach (var (index, n) in negative.Where(bucket => bucket.Value > 0))
            buckets.Add(new Bucket(-Math.Pow(2, step * (index + 1.0)), -Math.Pow(2, step * index), n));
        if (zeros > 0) buckets.Add(new Bucket(-zeroThreshold, zeroThreshold, zeros));
        foreach (var (index, n) in positive.Where(bucket => bucket.Value > 0))
            buckets.Add(new Bucket(Math.Pow(2, step * index), Math.Pow(2, step * (index + 1.0)), n));
        return buckets;
    }
}
