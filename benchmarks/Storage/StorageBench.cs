using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SdAspire.ObjectStore.Tests;
using SdAspire.Tests.Shared;

namespace SdAspire.Bench.Storage;

/// <summary>
/// Clients that each store an object and read it back, over and over, on a server in a process of its own. They sign every
/// body, hold every answer against what they stored, and take their share of the same machine.
/// </summary>
internal static class StorageBench
{
    // Each client comes back to a key after this many others, so that the disk does not fill.
    private const int KeysPerClient = 20;

    private const double MiB = 1024 * 1024;

    // Of compilation and of the first connections.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var clients = new Option<int>("--clients") { Description = "How many at once.", DefaultValueFactory = _ => 50 };
        var bytes = new Option<int>("--bytes") { Description = "Of each object.", DefaultValueFactory = _ => 200_000 };
        var seconds = new Option<int>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 20 };
        foreach (var option in new[] { clients, bytes, seconds })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValue(option) < 1) result.AddError($"{option.Name} must be at least 1.");
            });
        }
        var command = new Command("storage", "Objects into ObjectStore and out again.") { clients, bytes, seconds };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(clients), parsed.GetValue(bytes), parsed.GetValue(seconds), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int clients, int bytes, int seconds, CancellationToken cancellationToken)
    {
        // Beside the results: the folder for temporary files may be memory, which flushes for nothing.
        var data = Directory.CreateDirectory(Path.Combine("artifacts", "bench", $"storage-{Guid.NewGuid():N}"));
        try
        {
            return await MeasureAsync(data.FullName, clients, bytes, seconds, cancellationToken);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(
        string data, int clients, int bytes, int seconds, CancellationToken cancellationToken)
    {
        var (url, secret) = ($"http://127.0.0.1:{ChildProcess.FreePort()}", RandomNumberGenerator.GetHexString(32));
        await using var server = ChildProcess.Start("dotnet", [Repository.Program("ObjectStore")], new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = url, ["ObjectStore__DataPath"] = data,
            ["ObjectStore__AccessKey"] = "bench", ["ObjectStore__SecretKey"] = secret,
        });
        await server.WaitForLineAsync(line => line.Contains("Now listening on", StringComparison.Ordinal), Eventually.Generous);
        using var process = Process.GetProcessById(server.Id);
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var s3 = new S3Client(http, "bench", secret, "us-east-1");
        await s3.PutAsync("/images");

        Console.Error.WriteLine($"{clients} clients store and read {bytes} bytes for {seconds} s …");
        var bodies = Enumerable.Range(0, clients).Select(_ => RandomNumberGenerator.GetBytes(bytes)).ToArray();
        await LoadAsync(s3, bodies, WarmUp, cancellationToken);
        process.Refresh();
        var cpu = process.TotalProcessorTime;
        var load = await LoadAsync(s3, bodies, TimeSpan.FromSeconds(seconds), cancellationToken);
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;

        double[] puts = [.. load.Pairs.Select(pair => pair.Put).Order()];
        double[] gets = [.. load.Pairs.Select(pair => pair.Get).Order()];
        Report(new StorageResult
        {
            Cores = Environment.ProcessorCount,
            Clients = clients,
            Bytes = bytes,
            Seconds = Math.Round(load.Elapsed.TotalSeconds, 2),
            Pairs = load.Pairs.Count,
            PairsPerSecond = Math.Round(load.Pairs.Count / load.Elapsed.TotalSeconds, 1),
            Wrong = load.Wrong,
            PutP50 = Quantile(puts, 0.5),
            PutP99 = Quantile(puts, 0.99),
            GetP50 = Quantile(gets, 0.5),
            GetP99 = Quantile(gets, 0.99),
            ServerCpuPercentOfOneCore = Math.Round(100 * cpu / load.Elapsed, 1),
            ServerPeakMemoryMiB = Math.Round(process.PeakWorkingSet64 / MiB, 1),
        });
        return load.Wrong == 0 ? 0 : 1;
    }

    private static async Task<Load> LoadAsync(
        S3Client s3, byte[][] bodies, TimeSpan duration, CancellationToken cancellationToken)
    {
        var pairs = new ConcurrentBag<(double Put, double Get)>();
        var wrong = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(bodies.Select((body, client) => Task.Run(async () =>
        {
            for (var i = 0; Stopwatch.GetElapsedTime(start) < duration; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var target = $"/images/{client}/{i % KeysPerClient}.png";
                var began = Stopwatch.GetTimestamp();
                var put = await s3.PutAsync(target, body);
                var between = Stopwatch.GetTimestamp();
                var get = await s3.GetAsync(target);
                var ended = Stopwatch.GetTimestamp();
                if (put.Status is not System.Net.HttpStatusCode.OK || !get.Body.AsSpan().SequenceEqual(body))
                    Interlocked.Increment(ref wrong);
                pairs.Add((Milliseconds(began, between), Milliseconds(between, ended)));
            }
        }, cancellationToken)));
        return new Load(pairs, wrong, Stopwatch.GetElapsedTime(start));
    }

    private static void Report(StorageResult result) => BenchReport.Write(
        "storage", result, StorageJson.Default.StorageResult,
        [
            ("put + get per second", Number(result.PairsPerSecond)),
            ("wrong or failed", Number(result.Wrong)),
            ("put: p50 / p99", $"{Number(result.PutP50)} / {Number(result.PutP99)} ms"),
            ("get: p50 / p99", $"{Number(result.GetP50)} / {Number(result.GetP99)} ms"),
            ("clients", Number(result.Clients)),
            ("bytes of an object", Number(result.Bytes)),
            ("server: CPU of one core", $"{Number(result.ServerCpuPercentOfOneCore)} %"),
            ("server: memory, peak", $"{Number(result.ServerPeakMemoryMiB)} MiB"),
            ("cores, for clients and server", Number(result.Cores)),
        ]);

    private static double Milliseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    private static double Quantile(double[] sorted, double part) =>
        Math.Round(sorted[(int)Math.Ceiling(part * sorted.Length) - 1], 1);

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    private sealed record Load(IReadOnlyCollection<(double Put, double Get)> Pairs, int Wrong, TimeSpan Elapsed);
}
