using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Dashboard.Tests;

/// <summary>What OpenTelemetry's own exporters send.</summary>
public sealed class OtlpSdkTests
{
    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task The_exporters_of_the_SDK_deliver_spans_records_and_metrics(OtlpExportProtocol protocol)
    {
        await using var dashboard = await OtlpDashboard.StartAsync();
        var name = $"SdkTests.{protocol}";
        var resource = ResourceBuilder.CreateEmpty().AddService("sdk", serviceInstanceId: "sdk-1").AddAttributes([new("k", "v")]);
        using var source = new ActivitySource(name);
        using var meter = new Meter(name);
        string traceId;
        // What is disposed has sent everything.
        using (Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(name)
            .AddOtlpExporter(exporter => Aim(exporter, "traces")).Build())
        using (Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(name)
            .AddOtlpExporter(exporter => Aim(exporter, "metrics")).Build())
        using (var logging = LoggerFactory.Create(logging => logging.AddOpenTelemetry(o =>
            o.SetResourceBuilder(resource).AddOtlpExporter(exporter => Aim(exporter, "logs")).IncludeFormattedMessage = true)))
        {
            using var root = source.StartActivity("root", ActivityKind.Server)!;
            traceId = root.TraceId.ToHexString();
            root.AddEvent(new ActivityEvent("seen", tags: new() { ["n"] = 1 }));
            using (var child = source.StartActivity("child", ActivityKind.Client)!)
                child.SetTag("http.status", 500).SetStatus(ActivityStatusCode.Error, "broken");
            var log = logging.CreateLogger("Category");
            log.LogError(new InvalidOperationException("why"), "Painting {Task} failed", "01J");
            meter.CreateCounter<long>("pictures", "{picture}", "Pictures painted")
                .Add(3, new KeyValuePair<string, object?>("model", "emoji"));
            meter.CreateHistogram<double>("duration", "s").Record(0.2);
            meter.CreateObservableGauge("level", () => 7);
        }

        dashboard.Store.Resources().ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            sender => (sender.Name, sender.InstanceId).ShouldBe(("sdk", "sdk-1")),
            sender => sender.Attributes.ShouldContain(new TelemetryAttribute("k", "v")));
        var trace = dashboard.Store.Trace(traceId)!;
        trace.Summary.ShouldSatisfyAllConditions(
            summary => summary.Name.ShouldBe("root"),
            summary => summary.HasError.ShouldBeTrue(),
            summary => summary.IsComplete.ShouldBeTrue());
        trace.Spans.Select(span => (span.Span.Name, span.Depth, span.Span.Kind, span.Span.Source)).ShouldBe(
            [("root", 0, ActivityKind.Server, name), ("child", 1, ActivityKind.Client, name)]);
        trace.Spans[0].Span.Events.ShouldHaveSingleItem().Name.ShouldBe("seen");
        trace.Spans[1].Span.StatusMessage.ShouldBe("broken");
        trace.Spans[1].Span.Attributes.ShouldContain(new TelemetryAttribute("http.status", "500"));
        trace.Logs.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            record => (record.Level, record.Category).ShouldBe((LogLevel.Error, "Category")),
            record => record.Message.ShouldBe("Painting 01J failed"),
            record => record.SpanId.ShouldBe(trace.Spans[0].Span.SpanId),
            record => record.Attributes.ShouldContain(new TelemetryAttribute("exception.message", "why")));
        dashboard.Store.Instruments("sdk").Select(instrument => (instrument.Name, instrument.Type)).ShouldBe(
            [("duration", InstrumentType.Histogram), ("level", InstrumentType.Gauge), ("pictures", InstrumentType.Counter)]);
        var now = DateTimeOffset.UtcNow;
        var pictures = dashboard.Store.Metric(new MetricQuery
        {
            Resource = "sdk", Meter = name, Instrument = "pictures",
            Start = now.AddMinutes(-10), End = now, Step = TimeSpan.FromMinutes(10),
        })!;
        pictures.Instrument.ShouldBe(
            new InstrumentInfo(name, "pictures", "Pictures painted", "{picture}", InstrumentType.Counter));
        var series = pictures.Series.ShouldHaveSingleItem();
        series.Dimensions.ShouldBe([new TelemetryAttribute("model", "emoji")]);
        series.Points.ShouldHaveSingleItem().Value.ShouldBe(3);

        void Aim(OtlpExporterOptions exporter, string signal)
        {
            exporter.Protocol = protocol;
            exporter.Headers = $"x-otlp-api-key={OtlpDashboard.Key}";
            exporter.Endpoint = protocol == OtlpExportProtocol.Grpc ? dashboard.Grpc : new Uri(dashboard.Http, $"/v1/{signal}");
        }
    }
}
