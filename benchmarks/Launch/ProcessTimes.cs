using System.Globalization;

namespace SdAspire.Bench.Launch;

/// <summary>What the kernel says of a process's time (proc(5)).</summary>
internal static class ProcessTimes
{
    // USER_HZ, which is 100 wherever Linux runs today.
    private const double TicksPerSecond = 100;

    // utime, stime, cutime and cstime, counted from the state, which follows the name in parentheses.
    private const int UserTime = 11;

    /// <summary>Processor seconds of the process, and of its children that have ended.</summary>
    public static (double Own, double Children) Of(int process)
    {
        var stat = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double Seconds(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture) / TicksPerSecond;
        return (Seconds(UserTime) + Seconds(UserTime + 1), Seconds(UserTime + 2) + Seconds(UserTime + 3));
    }
}
