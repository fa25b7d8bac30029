using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace SdAspire.Bench.Web;

/// <summary>Streams of one generation's events: all of them are told the last step, and those in between as far as they read.</summary>
internal static class StreamBench
{
    private const int Steps = 100;
    private const int OpenedAtOnce = 64;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    public static async Task<Told> RunAsync(WebHouse house, int streams, CancellationToken cancellationToken)
    {
        using var answer = await house.Http.PostAsJsonAsync("/api/generations", new { prompt = "a frog", steps = 150 }, cancellationToken);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("id").GetString()!;
        var before = house.MemoryMiB;
        var open = new HttpResponseMessage[streams];
        var options = new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, streams, options, async (n, token) => open[n] = await house.Http.GetAsync(
            $"/api/generations/{id}/events", HttpCompletionOption.ResponseHeadersRead, token));
        var received = 0L;
        var readers = open.Select(stream => ReadAsync(stream, () => Interlocked.Increment(ref received), cancellationToken)).ToArray();
        var start = Stopwatch.GetTimestamp();
        for (var step = 1; step <= Steps; step++)
        {
            await house.TellAsync(id, step);
            await Task.Delay(Between, cancellationToken);
        }
        await Task.WhenAll(readers);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = house.MemoryMiB;
        foreach (var stream in open)
            stream.Dispose();
        return new Told(Steps, received, seconds, before, after);
    }

    /// <summary>Until it has seen the last step.</summary>
    private static async Task ReadAsync(HttpResponseMessage answer, Action onStep, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.Contains("\"progress\":{", StringComparison.Ordinal))
                continue;
            onStep();
            if (line.Contains($"\"step\":{Steps},", StringComparison.Ordinal))
                return;
        }
        throw new InvalidOperationException("A stream ended too early.");
    }

    internal sealed record Told(int Events, long Received, double Seconds, double MemoryBefore, double MemoryAfter);
}
