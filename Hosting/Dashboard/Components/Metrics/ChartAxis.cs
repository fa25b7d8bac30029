namespace SdAspire.Hosting.Dashboard.Components.Metrics;

/// <summary>Round values from a bottom to a top, for gridlines.</summary>
internal sealed record ChartAxis(double Minimum, double Maximum, IReadOnlyList<double> Ticks)
{
    private const int WantedTicks = 5;

    /// <summary>An axis that holds all of these; from zero unless values are below.</summary>
    public static ChartAxis For(double minimum, double maximum, double factor)
    {
        var bottom = Math.Min(0, minimum) / factor;
        var top = Math.Max(0, maximum) / factor;
        if (top <= bottom)
            top = bottom + 1;
        var step = NiceStep((top - bottom) / WantedTicks);
        var first = Math.Floor(bottom / step);
        var last = Math.Ceiling(top / step - 1e-9);
        var ticks = Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step * factor).ToList();
        return new ChartAxis(ticks[0], ticks[^1], ticks);
    }

    /// <summary>From 0 at the bottom to 1 at the top.</summary>
    public double Share(double value) => (value - Minimum) / (Maximum - Minimum);

    private static double NiceStep(double rough)
    {
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / magnitude) switch
        {
            <= 1 => 1,
            <= 2 => 2,
            <= 2.5 => 2.5,
            <= 5 => 5,
            _ => 10,
        } * magnitude;
    }
}
