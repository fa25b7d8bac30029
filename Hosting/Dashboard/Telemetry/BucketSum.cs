using System.Runtime.InteropServices;

namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>The values of several histograms together, and the values below which given shares of them lie.</summary>
internal sealed class BucketSum
{
    private readonly Dictionary<(double Lower, double Upper), double> _counts = [];

    public double Count { get; private set; }

    public double Sum { get; private set; }

    /// <param name="point">What came during an interval.</param>
    /// <param name="share">The part of the interval that counts.</param>
    public void Add(HistogramPoint point, double share)
    {
        Count += point.Count * share;
        Sum += point.Sum * share;
        foreach (var (lower, upper, n) in point.Buckets)
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, (lower, upper), out _) += n * share;
    }

    public Percentiles? Percentiles()
    {
        var total = _counts.Values.Sum();
        if (total <= 0) return null;
        var buckets = _counts.Select(entry => new Bucket(entry.Key.Lower, entry.Key.Upper, entry.Value))
            .OrderBy(bucket => bucket.Upper).ThenBy(bucket => bucket.Lower).ToList();
        return new Percentiles(At(0.5), At(0.9), At(0.99));

        // Values are taken to lie evenly within their bucket. What lies beyond the last boundary is told as that boundary.
        double At(double share)
        {
            var wanted = share * total;
            var below = 0.0;
            foreach (var (lower, upper, n) in buckets)
            {
                if (below + n < wanted)
                {
                    below += n;
                    continue;
                }
                return Within(lower, upper, (wanted - below) / n);
            }
            return Within(buckets[^1].Lower, buckets[^1].Upper, 1);
        }
    }

    private static double Within(double lower, double upper, double part)
    {
        if (double.IsPositiveInfinity(upper)) return double.IsNegativeInfinity(lower) ? 0 : lower;
        // Most of what is measured is never negative.
        if (double.IsNegativeInfinity(lower)) lower = Math.Min(0, upper);
        return lower + (upper - lower) * part;
    }
}
