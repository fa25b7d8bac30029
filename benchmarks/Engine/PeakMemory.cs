using System.Globalization;

namespace SdAspire.Bench.Engine;

/// <summary>The largest resident set of this process since the last reset (proc(5): VmHWM, clear_refs).</summary>
internal static class PeakMemory
{
    public static void Reset() => File.WriteAllText("/proc/self/clear_refs", "5");

    /// <summary>In 10^9 bytes.</summary>
    public static double Gigabytes()
    {
        var line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kibibytes = line["VmHWM:".Length..].Trim().Split(' ')[0];
        return Math.Round(double.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024 / 1e9, 2);
    }
}
