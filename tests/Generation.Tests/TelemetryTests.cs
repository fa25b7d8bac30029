using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using SdAspire.ServiceDefaults;
using SdAspire.Tests.Shared;

namespace SdAspire.Generation.Tests;

/// <summary>What a service with the house's defaults tells about itself.</summary>
public sealed class TelemetryTests(BrokerFixture broker, ObjectStoreFixture storage)
{
    private const string Source = "SdAspire.Tests";

    [Fact]
    public async Task A_probe_is_no_trace()
    {
        var spans = new Spans();
        await using var app = await StartAsync(broker.ConnectionString, spans);
        using var http = new HttpClient { BaseAddress = AddressOf(app) };

        (await http.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync("/nowhere")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        // An answer is there before its span ends.
        await Eventually.TrueAsync(() => spans.Ended.Any(span => span.Kind == ActivityKind.Server));
        // But for this test's own requests.
        spans.Ended
            .Where(span => span.Kind != ActivityKind.Client || !Equals(span.GetTagItem("server.port"), http.BaseAddress.Port))
            .ShouldHaveSingleItem().GetTagItem("url.path").ShouldBe("/nowhere");
    }

    [Fact]
    public async Task What_is_not_traced_here_is_not_traced_by_who_is_called()
    {
        await using var app = await StartAsync(broker.ConnectionString, new Spans());
        using var http = new HttpClient { BaseAddress = AddressOf(app) };
        (await http.GetStringAsync("/traceparent")).ShouldEndWith("-01");
        using (Untraced.Begin())
            (await http.GetStringAsync("/traceparent")).ShouldEndWith("-00");
        (await http.GetStringAsync("/health/traceparent")).ShouldEndWith("-00");
    }

    [Fact]
    public async Task The_names_of_spans_hold_no_ids()
    {
        var spans = new Spans();
        await using var app = await StartAsync(broker.ConnectionString, spans);
        var task = Samples.Task();
        using var source = new ActivitySource(Source);
        using (source.StartActivity("click").ShouldNotBeNull())
        {
            await app.Services.GetRequiredService<TaskPublisher>().PublishAsync(task);
            await app.Services.GetRequiredService<EventPublisher>().PublishAsync(
                new GenerationEvent { Id = task.Id, Type = GenerationEventType.Started, At = DateTimeOffset.UnixEpoch });
            var store = app.Services.GetRequiredService<IObjectStore>();
            await store.PutAsync(ObjectKeys.Image(task.Id, 0), new byte[] { 1 }, "image/png");
        }

        var names = spans.Ended.Select(span => span.DisplayName).ToList();
        foreach (var name in new[]
            { "publish generation", "publish generation.wakeups", "publish generation.events", "PUT images", "click" })
            names.ShouldContain(name);
        names.ShouldAllBe(name => !name.Contains(task.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_outage_is_logged_once_however_often_it_is_asked_for()
    {
        var spans = new Spans();
        using var logs = new Warnings();
        await using var app = await StartAsync("amqp://127.0.0.1:1", spans, logs);
        using var http = new HttpClient { BaseAddress = AddressOf(app) };
        for (var i = 0; i < 3; i++)
            (await http.GetAsync("/health")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        logs.Messages.ShouldHaveSingleItem().ShouldContain("messaging is Unhealthy");
    }

    private async Task<WebApplication> StartAsync(string messaging, Spans spans, ILoggerProvider? logs = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:messaging"] = messaging,
            ["ConnectionStrings:storage"] = storage.ConnectionString,
            // As an AppHost sets it.
            ["OTEL_TRACES_SAMPLER"] = "always_on",
        });
        builder.Logging.ClearProviders();
        if (logs is not null)
            builder.Logging.AddProvider(logs);
        builder.AddServiceDefaults();
        builder.AddGeneration();
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddProcessor(spans));
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/traceparent", (HttpContext context) => context.Request.Headers.TraceParent.ToString());
        app.MapGet("/health/traceparent", async () =>
        {
            using var http = new HttpClient { BaseAddress = AddressOf(app) };
            return await http.GetStringAsync("/traceparent");
        });
        await app.StartAsync();
        return app;
    }

    private static Uri AddressOf(WebApplication app) =>
        new(app.Urls.Single());

    /// <summary>Keeps what an exporter would be given.</summary>
    private sealed class Spans : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Ended { get; } = [];

        public override void OnEnd(Activity data) => Ended.Enqueue(data);
    }
}
