using System.Globalization;

namespace SdAspire.Hosting.Dashboard.Components;

/// <summary>Values as people read them.</summary>
internal static class Display
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Three digits and a unit, for example <c>1.23 ms</c>.</summary>
    public static string Duration(TimeSpan value) => value.TotalMilliseconds switch
    {
        < 0 => $"-{Duration(-value)}",
        0 => "0 µs",
        < 1 => $"{Digits(value.TotalMicroseconds)} µs",
        < 1000 => $"{Digits(value.TotalMilliseconds)} ms",
        < 60_000 => $"{Digits(value.TotalSeconds)} s",
        < 3_600_000 => string.Create(Culture, $"{(int)value.TotalMinutes} min {value.Seconds} s"),
        _ => string.Create(Culture, $"{(int)value.TotalHours} h {value.Minutes} min"),
    };

    /// <summary>Time of day, with the date if that was not today.</summary>
    public static string Time(DateTimeOffset value, DateTimeOffset now)
    {
        var local = value.ToLocalTime();
        return local.ToString(local.Date == now.ToLocalTime().Date ? "HH:mm:ss.fff" : "yyyy-MM-dd HH:mm:ss", Culture);
    }

    /// <summary>Date and time to the millisecond, with the offset.</summary>
    public static string FullTime(DateTimeOffset value) => value.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff zzz", Culture);

    /// <summary>The time of day to the second.</summary>
    public static string Clock(DateTimeOffset value, DateTimeOffset now)
    {
        var local = value.ToLocalTime();
        return local.ToString(local.Date == now.ToLocalTime().Date ? "HH:mm:ss" : "yyyy-MM-dd HH:mm", Culture);
    }

    /// <summary>With thousands apart.</summary>
    public static string Count(int value) => value.ToString("N0", Culture);

    /// <summary>The beginning of an identifier.</summary>
    public static string Short(string id) => id.Length > 7 ? id[..7] : id;

    /// <summary>About three significant digits.</summary>
    public static string Digits(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("0", Culture),
        >= 10 => value.ToString("0.#", Culture),
        _ => value.ToString("0.##", Culture),
    };
}
