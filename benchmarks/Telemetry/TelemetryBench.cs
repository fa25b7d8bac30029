using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SdAspire.Tests.Shared;

namespace SdAspire.Bench.Telemetry;

/// <summary>What the dashboard takes in, what it needs for that, and what sending costs a service.</summary>
internal static class TelemetryBench
{
    private const double MiB = 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // For what is still on its way, and for a collection or two.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var rate = new Option<int>("--rate") { Description = "Spans per second in all.", DefaultValueFactory = _ => 5000 };
        var seconds = new Option<int>("--seconds") { Description = "How long, from 10 on.", DefaultValueFactory = _ => 60 };
        var services = new Option<int>("--services") { Description = "How many processes send.", DefaultValueFactory = _ => 4 };
        seconds.Validators.Add(result =>
        {
            if (result.GetValue(seconds) < 10) result.AddError("--seconds must be at least 10.");
        });
        foreach (var option in new[] { rate, services })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValue(option) < 1) result.AddError($"{option.Name} must be at least 1.");
            });
        }
        var command = new Command("telemetry", "Spans into the dashboard.") { rate, seconds, services };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(services)));
        return command;
    }

    private static async Task<int> RunAsync(int rate, int seconds, int services)
    {
        var key = RandomNumberGenerator.GetHexString(32);
        var (page, otlp) = (Address(), Address());
        var started = Stopwatch.StartNew();
        await using var dashboard = Start(DashboardProcess.Name, [], new()
        {
            ["ASPNETCORE_URLS"] = page,
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = otlp,
            ["Dashboard__Otlp__PrimaryApiKey"] = key,
            ["Dashboard__Frontend__AuthMode"] = "Unsecured",
        });
        await AnswersAsync(dashboard, $"{page}/login");
        var ready = started.Elapsed;
        using var process = Process.GetProcessById(dashboard.Id);
        var cpuBefore = process.TotalProcessorTime;

        Console.Error.WriteLine($"{services} services send {rate} spans per second for {seconds} s …");
        var load = Stopwatch.StartNew();
        var withExport = await ServicesAsync(services, rate, seconds, isExporting: true, new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlp,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
        });
        var elapsed = load.Elapsed;
        process.Refresh();
        var cpu = process.TotalProcessorTime - cpuBefore;

        await Task.Delay(Settle);
        process.Refresh();
        var (peak, after) = (process.PeakWorkingSet64 / MiB, process.WorkingSet64 / MiB);
        await dashboard.StopAsync();
        var line = dashboard.Output.LastOrDefault(text => text.StartsWith('{'))
            ?? throw new InvalidOperationException($"The dashboard failed:\n{string.Join('\n', dashboard.Output)}");
        var held = JsonSerializer.Deserialize(line, LineJson.Default.DashboardCount)!;

        Console.Error.WriteLine("The same without export …");
        var without = await ServicesAsync(services, rate, Math.Min(seconds, 20), isExporting: false, []);

        var sent = withExport.Sum(count => count.Spans);
        Report(new TelemetryResult
        {
            Cores = Environment.ProcessorCount,
            Services = services,
            SecondsOfLoad = seconds,
            SpansPerSecond = Math.Round(sent / (double)seconds, 1),
            Sent = sent,
            Received = held.Spans,
            TracesKept = held.TracesKept,
            ReadySeconds = Math.Round(ready.TotalSeconds, 2),
            ReadyCpuSeconds = Math.Round(cpuBefore.TotalSeconds, 2),
            DashboardCpuPercentOfOneCore = Math.Round(100 * cpu / elapsed, 1),
            PeakMemory = Math.Round(peak, 1),
            MemoryAfter = Math.Round(after, 1),
            MicrosecondsPerSpanWithExport = PerSpan(withExport),
            MicrosecondsPerSpanWithoutExport = PerSpan(without),
        });
        return held.Spans == sent ? 0 : 1;
    }

    private static double PerSpan(ServiceCount[] counts) =>
        Math.Round(counts.Sum(count => count.MeasuredCpuMicroseconds) / counts.Sum(count => count.MeasuredSpans), 1);

    private static void Report(TelemetryResult result) => BenchReport.Write(
        "telemetry", result, ResultJson.Default.TelemetryResult,
        [
            ("spans per second", Number(result.SpansPerSecond)),
            ("sent", Number(result.Sent)),
            ("dropped", Number(result.Dropped)),
            ("traces kept", Number(result.TracesKept)),
            ("dashboard: first answer", $"{Number(result.ReadySeconds)} s, CPU {Number(result.ReadyCpuSeconds)} s"),
            ("dashboard: CPU of one core", $"{Number(result.DashboardCpuPercentOfOneCore)} %"),
            ("dashboard: memory, peak", $"{Number(result.PeakMemory)} MiB"),
            ("dashboard: memory, after", $"{Number(result.MemoryAfter)} MiB"),
            ("service: CPU per span with export", $"{Number(result.MicrosecondsPerSpanWithExport)} µs"),
            ("service: CPU per span without", $"{Number(result.MicrosecondsPerSpanWithoutExport)} µs"),
            ("cores", Number(result.Cores)),
        ]);

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    private static async Task<ServiceCount[]> ServicesAsync(
        int services, int rate, int seconds, bool isExporting, Dictionary<string, string> environment) =>
        await Task.WhenAll(Enumerable.Range(1, services).Select(async number =>
        {
            string[] options = ["--rate", $"{rate / services}", "--seconds", $"{seconds}", "--export", $"{isExporting}"];
            await using var service = Start(
                SpanService.Name, options, new(environment) { ["OTEL_SERVICE_NAME"] = $"service{number}" });
            var line = await service.WaitForLineAsync(text => text.StartsWith('{'), TimeSpan.FromSeconds(seconds) + Patience);
            await service.WaitForExitAsync(Patience);
            return JsonSerializer.Deserialize(line, LineJson.Default.ServiceCount)!;
        }));

    private static ChildProcess Start(string command, string[] options, Dictionary<string, string> environment) =>
        ChildProcess.Start("dotnet", [typeof(TelemetryBench).Assembly.Location, command, .. options], environment);

    private static string Address() => $"http://127.0.0.1:{ChildProcess.FreePort()}";

    private static async Task AnswersAsync(ChildProcess process, string url)
    {
        using var client = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            if (process.HasExited) throw new InvalidOperationException(string.Join('\n', process.Output));
            try
            {
                using var response = await client.GetAsync(url);
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, $"an answer from {url}");
    }
}
