using System.Globalization;
using System.Text;

namespace SdAspire.Hosting.Dashboard.Components.Metrics;

/// <summary>One line of a chart; null where nothing is known.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Color">A CSS colour.</param>
/// <param name="Values">One for each time of the chart.</param>
public sealed record ChartLine(string Name, string Color, IReadOnlyList<double?> Values)
{
    /// <summary>The last known value.</summary>
    public double? Last => Values.LastOrDefault(one => one is not null);

    /// <summary>The line within a square of 1000 by 1000, broken where nothing is known.</summary>
    internal string Path(ChartAxis axis)
    {
        var path = new StringBuilder();
        var isDown = false;
        for (var i = 0; i < Values.Count; i++)
        {
            if (Values[i] is not { } value || !double.IsFinite(value))
            {
                isDown = false;
                continue;
            }
            path.Append(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{X(i):0.#} {1000 - axis.Share(value) * 1000:0.#}");
            isDown = true;
        }
        return path.ToString();
    }

    /// <summary>What lies below the line.</summary>
    internal string Area(ChartAxis axis)
    {
        var path = new StringBuilder();
        var zero = (1000 - axis.Share(Math.Max(0, axis.Minimum)) * 1000).ToString("0.#", CultureInfo.InvariantCulture);
        var from = -1;
        for (var i = 0; i <= Values.Count; i++)
        {
            var isKnown = i < Values.Count && Values[i] is { } known && double.IsFinite(known);
            if (isKnown && from < 0)
                from = i;
            if (isKnown || from < 0)
                continue;
            path.Append(CultureInfo.InvariantCulture, $"M{X(from):0.#} {zero}");
            for (var j = from; j < i; j++)
                path.Append(CultureInfo.InvariantCulture, $"L{X(j):0.#} {1000 - axis.Share(Values[j]!.Value) * 1000:0.#}");
            path.Append(CultureInfo.InvariantCulture, $"L{X(i - 1):0.#} {zero}Z");
            from = -1;
        }
        return path.ToString();
    }

    /// <summary>Values that have none beside them, which no line would show.</summary>
    internal IEnumerable<(double X, double Y)> Dots(ChartAxis axis)
    {
        for (var i = 0; i < Values.Count; i++)
        {
            var hasNeighbour = (i > 0 && Values[i - 1] is not null) || (i + 1 < Values.Count && Values[i + 1] is not null);
            if (Values[i] is { } value && double.IsFinite(value) && !hasNeighbour)
                yield return (X(i) / 10, 100 - axis.Share(value) * 100);
        }
    }

    private double X(int i) => Values.Count < 2 ? 1000 : i * 1000.0 / (Values.Count - 1);
}
