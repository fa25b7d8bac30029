using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SdAspire.Bench.Telemetry;

/// <summary>
/// A service that makes spans at an even rate, with OpenTelemetry's SDK as every service of the house has it. Where to export
/// to stands in the environment, as an AppHost sets it.
/// </summary>
internal static class SpanService
{
    public const string Name = "telemetry-service";
    public const int SpansPerTrace = 10;

    private const string SourceName = "SdAspire.Bench";

    // Until what runs often is compiled.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    public static Command Create()
    {
        var rate = new Option<int>("--rate");
        var seconds = new Option<int>("--seconds");
        var export = new Option<bool>("--export");
        var command = new Command(Name) { rate, seconds, export };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(rate), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(export), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int rate, TimeSpan duration, bool isExporting, CancellationToken cancellationToken)
    {
        using var source = new ActivitySource(SourceName);
        var builder = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddEnvironmentVariableDetector()).AddSource(SourceName);
        if (isExporting) builder.AddOtlpExporter();
        using var provider = builder.Build();

        long traces = 0;
        (long Spans, TimeSpan Cpu)? warm = null;
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Tick);
        while (clock.Elapsed < duration)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var due = (long)(Math.Min(clock.Elapsed.TotalSeconds, duration.TotalSeconds) * rate / SpansPerTrace);
            for (; traces < due; traces++)
                MakeTrace(source, traces);
            if (warm is null && clock.Elapsed > WarmUp) warm = (traces * SpansPerTrace, Cpu());
        }
        provider.ForceFlush();
        var spans = traces * SpansPerTrace;
        var (before, cpu) = warm ?? throw new ArgumentException($"It takes more than {WarmUp.TotalSeconds} s to warm up.");
        var count = new ServiceCount(spans, spans - before, (Cpu() - cpu).TotalMicroseconds);
        Console.WriteLine(JsonSerializer.Serialize(count, LineJson.Default.ServiceCount));
        return 0;
    }

    private static TimeSpan Cpu()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    // About what a request and the calls that it makes carry.
    private static void MakeTrace(ActivitySource source, long number)
    {
        using var root = source.StartActivity("POST /api/generations", ActivityKind.Server);
        root?.SetTag("http.request.method", "POST").SetTag("url.scheme", "http").SetTag("server.address", "localhost")
            .SetTag("server.port", 8080).SetTag("http.route", "/api/generations").SetTag("network.protocol.version", "1.1")
            .SetTag("http.response.status_code", 202).SetTag("task.id", number.ToString("x26"));
        for (var i = 1; i < SpansPerTrace; i++)
        {
            using var child = source.StartActivity("tasks publish", ActivityKind.Producer);
            child?.SetTag("messaging.system", "rabbitmq").SetTag("messaging.operation.type", "send")
                .SetTag("messaging.destination.name", "generation").SetTag("messaging.rabbitmq.destination.routing_key", "tasks")
                .SetTag("messaging.message.id", number.ToString("x26")).SetTag("messaging.message.body.size", 400 + i)
                .SetTag("network.protocol.name", "amqp").SetTag("server.port", 5672);
        }
    }
}
