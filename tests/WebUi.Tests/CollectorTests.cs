using System.Collections.Concurrent;
using System.Net;
using System.Text;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>Telemetry as the chart sets it.</summary>
[Collection(HouseCollection.Name)]
public sealed class CollectorTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage)
{
    private const string Instance = "webui-6c5f-x2x4z";

    [Fact]
    public async Task A_collector_is_told_everything_and_one_that_refuses_is_not_worth_a_line()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        using var collector = new RefusingCollector();
        await using var started = await webUi.StartAnotherAsync(new Dictionary<string, string>
        {
            ["OTEL_SERVICE_NAME"] = "webui",
            ["OTEL_TRACES_SAMPLER"] = "parentbased_always_on",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Instance}",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        });
        await Eventually.TrueAsync(async () => (await started.Http.GetAsync("/health")).IsSuccessStatusCode);

        var id = await started.Http.AskForIdAsync("red heart");

        await Eventually.TrueAsync(() => Told("/v1/metrics", "sdaspire.generations.accepted"));
        await Eventually.TrueAsync(() => Told("/v1/traces", "/api/generations"));
        await Eventually.TrueAsync(() => Told("/v1/logs", id));
        (await started.StopAsync()).ShouldBe(0);
        started.Output.ShouldNotContain(line => line.Contains("Polly", StringComparison.Ordinal)
            || line.Contains("HttpClient", StringComparison.Ordinal) || line.Contains("/v1/", StringComparison.Ordinal));

        bool Told(string path, string what) => collector.Received.Any(request =>
            request.Path == path && request.Body.Contains(Instance, StringComparison.Ordinal)
            && request.Body.Contains(what, StringComparison.Ordinal));
    }

    /// <summary>Takes OTLP over HTTP and answers that it does not want it.</summary>
    private sealed class RefusingCollector : IDisposable
    {
        private readonly HttpListener _listener = new();

        public RefusingCollector()
        {
            Address = $"http://127.0.0.1:{ChildProcess.FreePort()}";
            _listener.Prefixes.Add($"{Address}/");
            _listener.Start();
            _ = ServeAsync();
        }

        public string Address { get; }

        public ConcurrentQueue<(string Path, string Body)> Received { get; } = new();

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            while (true)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                // The texts in a binary message are as they are.
                using var reader = new StreamReader(context.Request.InputStream, Encoding.Latin1);
                Received.Enqueue((context.Request.Url!.AbsolutePath, await reader.ReadToEndAsync()));
                context.Response.StatusCode = (int)HttpStatusCode.InternalServerError;
                context.Response.Close();
            }
        }
    }
}
