using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace SdAspire.Dashboard.Tests.Browser;

/// <summary>Services that send what they do with OpenTelemetry's own SDK.</summary>
internal sealed class Senders : IDisposable
{
    private readonly Dictionary<string, Sender> _senders = [];

    public Senders(string endpoint, string key)
    {
        foreach (var name in (string[])["webui", "scaler", "worker", "storage"])
            _senders[name] = new Sender(name, new Uri(endpoint), key);
    }

    public Sender this[string name] => _senders[name];

    /// <summary>From the click to the stored object, across four services.</summary>
    public string Paint(string prompt, DateTimeOffset start, bool fails = false, double pace = 1)
    {
        var at = (int ms) => start.AddMilliseconds(ms * pace).UtcDateTime;
        using var root = this["webui"].Begin("POST /api/generations", ActivityKind.Server, at(0));
        root.SetTag("http.request.method", "POST").SetTag("url.path", "/api/generations").SetTag("prompt", prompt);
        using (var write = this["webui"].Begin("PUT index segment", ActivityKind.Client, at(4)))
        {
            using var put = this["storage"].Begin("PUT /images/index/0001", ActivityKind.Server, at(6));
            put.SetEndTime(at(15));
            write.SetEndTime(at(17));
        }
        using (var publish = this["webui"].Begin("publish tasks", ActivityKind.Producer, at(18)))
        {
            publish.SetTag("messaging.destination.name", "tasks")
                .AddEvent(new ActivityEvent("confirmed", start.AddMilliseconds(30 * pace)));
            this["webui"].Log(logger => logger.LogInformation("Accepted {Prompt} as task {Task}", prompt, 42));
            using (var launch = this["scaler"].Begin("launch worker", ActivityKind.Consumer, at(34)))
                launch.SetEndTime(at(70));
            using var job = this["worker"].Begin("paint", ActivityKind.Consumer, at(160));
            job.SetTag("model", "fluent-small-64");
            using (var load = this["worker"].Begin("load model", ActivityKind.Internal, at(165)))
                load.SetEndTime(at(420));
            using (var denoise = this["worker"].Begin("denoise", ActivityKind.Internal, at(425)))
            {
                for (var step = 0; step < 4; step++)
                {
                    using var one = this["worker"].Begin($"step {step + 1}", ActivityKind.Internal, at(430 + step * 95));
                    one.SetEndTime(at(520 + step * 95));
                }
                denoise.SetEndTime(at(815));
            }
            using (var store = this["worker"].Begin("PUT picture", ActivityKind.Client, at(820)))
            {
                using (var put = this["storage"].Begin("PUT /images/42-0.png", ActivityKind.Server, at(823)))
                {
                    if (fails)
                        put.SetStatus(ActivityStatusCode.Error, "No space left on device");
                    put.SetEndTime(at(850));
                }
                if (fails)
                {
                    store.SetStatus(ActivityStatusCode.Error, "503 Service Unavailable");
                    this["worker"].Log(logger => logger.LogError(Thrown(), "The picture of {Prompt} could not be stored",
                        prompt));
                }
                store.SetEndTime(at(856));
            }
            job.SetEndTime(at(870));
            publish.SetEndTime(at(31));
        }
        root.SetEndTime(at(33));
        return root.TraceId.ToHexString();
    }

    public void Flush()
    {
        foreach (var sender in _senders.Values)
            sender.Flush();
    }

    public void Dispose()
    {
        foreach (var sender in _senders.Values)
            sender.Dispose();
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("storage is away: <b>503</b>");
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }
    }
}

/// <summary>One service.</summary>
internal sealed class Sender : IDisposable
{
    private readonly ActivitySource _source;
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _logger;

    public Sender(string name, Uri endpoint, string key)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService(name, serviceInstanceId: $"{name}-1", serviceVersion: "0.1.0");
        _source = new ActivitySource($"Scene.{name}.{Guid.NewGuid():N}");
        Meter = new Meter($"Scene.{name}");
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(_source.Name)
            .SetSampler(new AlwaysOnSampler()).AddOtlpExporter(Configure).Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Meter.Name)
            .AddView("http.server.request.duration",
                new ExplicitBucketHistogramConfiguration { Boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1] })
            .AddOtlpExporter(Configure).Build();
        _logs = LoggerFactory.Create(builder => builder.AddOpenTelemetry(options =>
        {
            options.SetResourceBuilder(resource).AddOtlpExporter(Configure);
            options.IncludeFormattedMessage = true;
        }));
        _logger = _logs.CreateLogger($"Scene.{name}");

        void Configure(OtlpExporterOptions options)
        {
            options.Endpoint = endpoint;
            options.Protocol = OtlpExportProtocol.Grpc;
            options.Headers = $"x-otlp-api-key={key}";
            options.ExportProcessorType = ExportProcessorType.Simple;
        }
    }

    public Meter Meter { get; }

    public Activity Begin(string name, ActivityKind kind, DateTime start) =>
        _source.StartActivity(kind, startTime: start, name: name) ?? throw new InvalidOperationException("Nobody listens.");

    public void Log(Action<ILogger> write) => write(_logger);

    public void Flush()
    {
        _traces.ForceFlush();
        _metrics.ForceFlush();
    }

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
        Meter.Dispose();
        _source.Dispose();
    }
}
