using System.Diagnostics;

namespace SdAspire.Tests.Shared;

/// <summary>Waits for a condition, with a bound that only a real failure reaches.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Generous = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static Task TrueAsync(Func<bool> condition, string expectation) =>
        TrueAsync(condition, explain: () => $"Waited in vain: {expectation}.");

    public static Task TrueAsync(Func<Task<bool>> condition, string expectation) =>
        TrueAsync(condition, explain: () => $"Waited in vain: {expectation}.");

    public static Task TrueAsync(Func<bool> condition, TimeSpan? timeout = null, Func<string>? explain = null) =>
        TrueAsync(() => Task.FromResult(condition()), timeout, explain);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? timeout = null, Func<string>? explain = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > (timeout ?? Generous))
                throw new TimeoutException(explain?.Invoke() ?? "What was waited for did not happen.");
            await Task.Delay(Pause);
        }
    }
}
