using System.IO.Compression;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;
using static SdAspire.Dashboard.Tests.OtlpMessages;
using RpcStatus = SdAspire.Hosting.Dashboard.Otlp.Rpc.Status;

namespace SdAspire.Dashboard.Tests;

public sealed class OtlpReceiverTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("the-key-of-the-test")]
    [InlineData("The-key-of-the-tests")]
    public async Task Without_the_key_nothing_is_taken_in(string? key)
    {
        await using var dashboard = await OtlpDashboard.StartAsync();

        var refusal = await Should.ThrowAsync<RpcException>(() => dashboard.ExportAsync(Spans("a", Span(1, 1)), key));
        refusal.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        using var response = await dashboard.PostAsync("/v1/traces", Spans("a", Span(1, 1)).ToByteArray(), key);
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        RpcStatus.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync()).Code.ShouldBe((int)StatusCode.Unauthenticated);

        dashboard.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(0);
        dashboard.Store.Resources().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_key_is_accepted_while_senders_change_over()
    {
        await using var dashboard = await OtlpDashboard.StartAsync("--Dashboard:Otlp:SecondaryApiKey=another");
        await dashboard.ExportAsync(Spans("a", Span(1, 1)), "another");
        await dashboard.ExportAsync(Spans("a", Span(2, 1)));
        dashboard.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(2);
    }

    [Fact]
    public async Task Without_authentication_no_key_is_asked_for()
    {
        await using var dashboard = await OtlpDashboard.StartAsync("--Dashboard:Otlp:AuthMode=Unsecured");
        await dashboard.ExportAsync(Spans("a", Span(1, 1)), key: null);
        dashboard.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(1);
    }

    [Fact]
    public async Task Each_listener_serves_its_own_and_nothing_else()
    {
        await using var dashboard = await OtlpDashboard.StartAsync();
        var body = Spans("a", Span(1, 1)).ToByteArray();

        foreach (var path in new[] { "/v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export" })
            (await SendAsync(dashboard.FrontEnd, path, HttpVersion.Version11)).ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(dashboard.Http, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", HttpVersion.Version11))
            .ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(dashboard.Http, "/", HttpVersion.Version11)).ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(dashboard.Grpc, "/v1/traces", HttpVersion.Version20)).ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(dashboard.Grpc, "/", HttpVersion.Version20)).ShouldBe(HttpStatusCode.NotFound);
        dashboard.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(0);

        async Task<HttpStatusCode> SendAsync(Uri listener, string path, Version version)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(listener, path))
            {
                Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/x-protobuf") } },
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            request.Headers.Add("x-otlp-api-key", OtlpDashboard.Key);
            using var response = await dashboard.Client.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("/v1/traces")]
    [InlineData("/v1/logs")]
    [InlineData("/v1/metrics")]
    public async Task A_body_that_is_no_message_is_a_bad_request(string path)
    {
        await using var dashboard = await OtlpDashboard.StartAsync();
        using var response = await dashboard.PostAsync(path, [0xff, 0xff, 0xff]);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        RpcStatus.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync()).Code.ShouldBe((int)StatusCode.InvalidArgument);
        using var unpacked = await dashboard.PostAsync(path, [1, 2, 3], encoding: "gzip");
        unpacked.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Json_and_unknown_compression_are_refused_politely()
    {
        await using var dashboard = await OtlpDashboard.StartAsync();
        using var json = await dashboard.PostAsync("/v1/traces", "{}"u8.ToArray(), contentType: "application/json");
        json.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        using var brotli = await dashboard.PostAsync("/v1/traces", [], encoding: "br");
        brotli.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_packed_or_not()
    {
        await using var dashboard = await OtlpDashboard.StartAsync();
        var large = Spans("a", Span(1, 1));
        large.ResourceSpans[0].ScopeSpans[0].Spans[0].Attributes.Add(Attribute("a", new string('x', 5 * 1024 * 1024)));

        using var response = await dashboard.PostAsync("/v1/traces", large.ToByteArray());
        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var packed = await dashboard.PostAsync("/v1/traces", Gzip(large.ToByteArray()), encoding: "gzip");
        packed.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await Should.ThrowAsync<RpcException>(() => dashboard.ExportAsync(large)))
            .StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        (await Should.ThrowAsync<RpcException>(() => dashboard.ExportAsync(large, compression: "gzip")))
            .StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        dashboard.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(0);
    }

    [Fact]
    public async Task Packed_requests_are_taken_in_over_both_protocols()
    {
        await using var dashboard = await OtlpDashboard.StartAsync();
        var body = Gzip(Spans("a", Span(1, 1)).ToByteArray());
        using var response = await dashboard.PostAsync("/v1/traces", body, encoding: "gzip");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-protobuf");
        ExportTraceServiceResponse.Parser.ParseFrom(await response.Content.ReadAsByteArrayAsync()).PartialSuccess.ShouldBeNull();
        await dashboard.ExportAsync(Spans("a", Span(2, 1)), compression: "gzip");
        dashboard.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_dropped_for_a_limit_is_told_as_partial_success()
    {
        await using var dashboard = await OtlpDashboard.StartAsync(
            "--Dashboard:TelemetryLimits:MaxSpansPerTrace=2", "--Dashboard:TelemetryLimits:MaxAttributeCount=3",
            "--Dashboard:TelemetryLimits:MaxAttributeLength=100");
        var rich = Span(1, 1);
        rich.Attributes.Add(Enumerable.Range(0, 5).Select(i => Attribute($"name{i}", new string('x', 150))));
        var response = await dashboard.ExportAsync(Spans("a", rich, Span(1, 2), Span(1, 3), new Span { Name = "no ids" }));

        response.PartialSuccess.RejectedSpans.ShouldBe(2);
        response.PartialSuccess.ErrorMessage.ShouldBe(
            "attributes beyond MaxAttributeCount: 2; texts beyond MaxAttributeLength: 3; spans without valid ids: 1; "
            + "spans beyond MaxSpansPerTrace: 1");
        var trace = dashboard.Store.Trace(TraceId(1))!;
        trace.Summary.SpanCount.ShouldBe(2);
        trace.Spans[0].Span.Attributes.Select(attribute => attribute.Value.Length).ShouldBe([100, 100, 100]);
    }

    [Fact]
    public async Task A_warning_alone_rejects_nothing()
    {
        await using var dashboard = await OtlpDashboard.StartAsync("--Dashboard:TelemetryLimits:MaxSpanEventCount=1");
        var span = Span(1, 1);
        span.Events.Add([new Span.Types.Event { Name = "first" }, new Span.Types.Event { Name = "second" }]);
        var response = await dashboard.ExportAsync(Spans("a", span));
        response.PartialSuccess.RejectedSpans.ShouldBe(0);
        response.PartialSuccess.ErrorMessage.ShouldBe("events beyond MaxSpanEventCount: 1");
        dashboard.Store.Trace(TraceId(1))!.Spans[0].Span.Events.Select(item => item.Name).ShouldBe(["first"]);
    }

    [Fact]
    public async Task Summaries_are_rejected_and_the_rest_of_the_request_is_kept()
    {
        await using var dashboard = await OtlpDashboard.StartAsync();
        var summary = new Metric
        {
            Name = "old",
            Summary = new Summary { DataPoints = { new SummaryDataPoint(), new SummaryDataPoint() } },
        };
        var gauge = new Metric
        {
            Name = "new",
            Gauge = new Gauge { DataPoints = { new NumberDataPoint { TimeUnixNano = Nanoseconds(Noon), AsInt = 1 } } },
        };
        var response = await dashboard.ExportAsync(Metrics("a", summary, gauge));
        response.PartialSuccess.RejectedDataPoints.ShouldBe(2);
        dashboard.Store.Instruments("a").Select(instrument => instrument.Name).ShouldBe(["new"]);
    }

    [Fact]
    public async Task Values_of_all_types_are_told_as_text()
    {
        await using var dashboard = await OtlpDashboard.StartAsync();
        var list = new ArrayValue { Values = { new AnyValue { IntValue = 1 }, new AnyValue { StringValue = "b" } } };
        var map = new KeyValueList
        {
            Values = { Attribute("k", "v"), new KeyValue { Key = "l", Value = new AnyValue { ArrayValue = list } } },
        };
        var span = Span(1, 1);
        span.Attributes.Add([
            new KeyValue { Key = "bool", Value = new AnyValue { BoolValue = true } },
            new KeyValue { Key = "int", Value = new AnyValue { IntValue = long.MinValue } },
            new KeyValue { Key = "double", Value = new AnyValue { DoubleValue = 0.5 } },
            new KeyValue { Key = "bytes", Value = new AnyValue { BytesValue = ByteString.CopyFrom(1, 2, 3) } },
            new KeyValue { Key = "list", Value = new AnyValue { ArrayValue = list } },
            new KeyValue { Key = "map", Value = new AnyValue { KvlistValue = map } },
            new KeyValue { Key = "none" },
        ]);
        await dashboard.ExportAsync(Spans("a", span));
        dashboard.Store.Trace(TraceId(1))!.Spans[0].Span.Attributes.Select(attribute => attribute.Value).ShouldBe(
            ["true", "-9223372036854775808", "0.5", "AQID", """[1,"b"]""", """{"k":"v","l":[1,"b"]}""", ""]);
    }

    private static byte[] Gzip(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(body);
        return packed.ToArray();
    }
}
