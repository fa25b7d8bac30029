using System.Globalization;

namespace SdAspire.Hosting.Dashboard.Components.Metrics;

/// <summary>A UCUM unit as people read it: bytes in powers of 1024, times in their own units, the rest in thousands.</summary>
internal sealed record MetricUnit(string Unit, bool IsRate)
{
    private static readonly (double, string)[] Bytes = [(1, "B"), (1024, "KiB"), (1048576, "MiB"), (1073741824, "GiB")];
    private static readonly (double, string)[] Seconds = [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1, "s"), (60, "min")];
    private static readonly (double, string)[] Milliseconds = [(1e-6, "ns"), (1e-3, "µs"), (1, "ms"), (1000, "s")];
    private static readonly (double, string)[] Thousands = [(1, ""), (1e3, "k"), (1e6, "M"), (1e9, "G")];

    /// <summary>The unit in words, for example <c>requests per second</c>.</summary>
    public string Words
    {
        get
        {
            var words = Unit switch
            {
                "By" => "bytes",
                "s" => "seconds",
                "ms" => "milliseconds",
                "1" or "" => "",
                ['{', .. var what, '}'] => what,
                _ => Unit,
            };
            return IsRate ? $"{(words.Length == 0 ? "events" : words)} per second" : words;
        }
    }

    /// <summary>The scale in which a value up to this is best read.</summary>
    public MetricScale ScaleFor(double maximum)
    {
        var scales = Unit switch
        {
            "By" => Bytes,
            "s" when !IsRate => Seconds,
            "ms" when !IsRate => Milliseconds,
            _ => Thousands,
        };
        var best = scales[scales == Seconds || scales == Milliseconds ? Array.FindIndex(scales, one => one.Item1 == 1) : 0];
        if (maximum > 0)
            best = scales.LastOrDefault(one => maximum >= one.Item1, scales[0]);
        return new MetricScale(best.Item1, best.Item2 + (IsRate ? "/s" : ""));
    }

    /// <summary>A value with its unit, in the scale that suits it.</summary>
    public string Format(double value) => ScaleFor(Math.Abs(value)).Format(value);
}

/// <summary>By what values are divided before they are written, and what is written behind.</summary>
internal readonly record struct MetricScale(double Factor, string Suffix)
{
    public string Format(double value) => Write(value / Factor);

    private string Write(double value)
    {
        var digits = Math.Abs(value) switch
        {
            0 => "0",
            >= 1000 => value.ToString("#,##0", CultureInfo.InvariantCulture),
            >= 100 => value.ToString("0.#", CultureInfo.InvariantCulture),
            >= 1 => value.ToString("0.##", CultureInfo.InvariantCulture),
            _ => value.ToString("0.####", CultureInfo.InvariantCulture),
        };
        return Suffix.Length == 0 ? digits : Suffix is "k" or "M" or "G" ? digits + Suffix : $"{digits} {Suffix}";
    }
}
