using System.Diagnostics;

namespace SdAspire.AppHost.Tests.Support;

/// <summary>Waits for a condition, with a bound that only a fault reaches.</summary>
internal static class Until
{
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    public static Task True(Func<bool> condition, string what) => True(() => Task.FromResult(condition()), what);

    public static async Task True(Func<Task<bool>> condition, string what)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Bound; await Task.Delay(50))
        {
            if (await condition())
                return;
        }

        throw new TimeoutException($"Not within {Bound.TotalMinutes:0} minutes: {what}");
    }
}
