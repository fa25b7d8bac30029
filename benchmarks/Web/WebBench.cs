using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace SdAspire.Bench.Web;

/// <summary>A large gallery, many event streams, and floods of prompts, all on this machine with broker and storage.</summary>
internal static class WebBench
{
    private const string Generations = "/api/generations";
    private const int BatchSize = 16;
    private const int Asked = 200;

    public static Command Create()
    {
        var pictures = new Option<int>("--pictures") { Description = "In the gallery at the start.", DefaultValueFactory = _ => 100_000 };
        var streams = new Option<int>("--streams") { Description = "Event streams at once.", DefaultValueFactory = _ => 2000 };
        var seconds = new Option<int>("--seconds") { Description = "Of each flood.", DefaultValueFactory = _ => 10 };
        var clients = new Option<int>("--clients") { Description = "That send prompts at once.", DefaultValueFactory = _ => 32 };
        var command = new Command("web", "Gallery, event streams and floods of prompts.") { pictures, streams, seconds, clients };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(pictures), parsed.GetValue(streams), TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            parsed.GetValue(clients), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        int pictures, int streams, TimeSpan duration, int clients, CancellationToken cancellationToken)
    {
        await using var house = new WebHouse();
        await house.StartHouseAsync();
        await house.FillAsync(pictures, cancellationToken);
        var clock = Stopwatch.StartNew();
        await house.StartWebUiAsync();
        var listening = clock.Elapsed.TotalSeconds;
        await WaitForGalleryAsync(house.Http, pictures, cancellationToken);
        var gallery = clock.Elapsed.TotalSeconds;
        var (page, _) = await AskAsync(house.Http, $"{Generations}?limit=24", cancellationToken);
        var (search, usual) = await AskAsync(house.Http, $"{Generations}?limit=24&q=lighthouse+%23never+found", cancellationToken);

        // First, so that the floods find compiled code, as they would on a page that has run for a while.
        await FloodAsync(house.Http, clients, TimeSpan.FromSeconds(3), 1, cancellationToken);
        var queued = await house.CountQueuedAsync();
        var singles = await FloodAsync(house.Http, clients, duration, 1, cancellationToken);
        var batched = await FloodAsync(house.Http, clients, duration, BatchSize, cancellationToken);
        var accepted = singles.Accepted + batched.Accepted;
        var lost = accepted - (int)(await house.CountQueuedAsync() - queued);

        var told = await StreamBench.RunAsync(house, streams, cancellationToken);
        var result = new WebResult
        {
            Cores = Environment.ProcessorCount, Pictures = pictures, ListeningSeconds = listening,
            GallerySeconds = gallery, PageP99 = page, SearchP99 = search, SearchMedian = usual,
            Streams = streams, Events = told.Events, EventsReceived = told.Received, EventsSeconds = told.Seconds,
            MemoryMiBBefore = told.MemoryBefore, MemoryMiBAfter = told.MemoryAfter,
            SinglesPerSecond = singles.PerSecond, SingleP99 = singles.P99, BatchedPerSecond = batched.PerSecond,
            Accepted = accepted, Lost = lost, Refused = singles.Refused + batched.Refused,
        };
        BenchReport.Write("web", result, WebJson.Default.WebResult,
        [
            ($"gallery of {pictures:N0} pictures, from the process's start", $"{gallery:0.0} s, listening after {listening:0.0} s"),
            ("page of it, p99", $"{page:0.0} ms"), ("search that finds nothing, p99", $"{search:0.0} ms, median {usual:0.0} ms"),
            ("single prompts accepted", $"{singles.PerSecond:N0}/s, p99 {singles.P99:0} ms"),
            ($"in batches of {BatchSize}", $"{batched.PerSecond:N0}/s"),
            ("accepted, lost, refused", $"{accepted:N0}, {lost}, {result.Refused}"),
            ($"{streams:N0} event streams", $"{told.MemoryBefore:0} MiB before, {told.MemoryAfter:0} MiB after"),
            ($"{told.Events} events told to all of them", $"{told.Received:N0} received in {told.Seconds:0.0} s"),
        ]);
        return lost == 0 ? 0 : 1;
    }

    private static async Task WaitForGalleryAsync(HttpClient http, int pictures, CancellationToken cancellationToken)
    {
        while (true)
        {
            var status = await http.GetFromJsonAsync<JsonElement>("/api/status", cancellationToken);
            if (status.GetProperty("pictures").GetInt64() >= pictures)
                return;
            await Task.Delay(20, cancellationToken);
        }
    }

    private static async Task<(double P99, double Median)> AskAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        for (var i = 0; i < Asked; i++)
        {
            var start = Stopwatch.GetTimestamp();
            (await http.GetAsync(path, cancellationToken)).EnsureSuccessStatusCode().Dispose();
            // The first ones are compiled.
            if (i >= Asked / 10)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return (P99(times), times[times.Count / 2]);
    }

    private static async Task<Flood> FloodAsync(
        HttpClient http, int clients, TimeSpan duration, int batch, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            var times = new List<double>();
            var refused = 0;
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                var began = Stopwatch.GetTimestamp();
                using var answer = batch == 1
                    ? await http.PostAsJsonAsync(Generations, new { prompt = "a lighthouse" }, cancellationToken)
                    : await http.PostAsJsonAsync(
                        Generations, new { prompt = "a lighthouse", count = batch, parallel = true }, cancellationToken);
                if (answer.IsSuccessStatusCode)
                    times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                else
                    refused++;
            }
            return (times, refused);
        }));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var requests = all.SelectMany(client => client.times).ToList();
        return new Flood(requests.Count * batch, requests.Count * batch / seconds, P99(requests), all.Sum(client => client.refused));
    }

    private static double P99(List<double> times)
    {
        times.Sort();
        return times.Count == 0 ? double.NaN : times[(int)(times.Count * 0.99)];
    }

    private sealed record Flood(int Accepted, double PerSecond, double P99, int Refused);
}
