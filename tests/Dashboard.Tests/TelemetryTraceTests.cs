using System.Diagnostics;
using Google.Protobuf;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;
using static SdAspire.Dashboard.Tests.OtlpMessages;
using SpanKind = SdAspire.Hosting.Dashboard.Otlp.Protocol.Span.Types.SpanKind;
using StatusCode = SdAspire.Hosting.Dashboard.Otlp.Protocol.Status.Types.StatusCode;

namespace SdAspire.Dashboard.Tests;

public sealed class TelemetryTraceTests
{
    [Fact]
    public void A_trace_is_put_together_in_whatever_order_its_spans_arrive()
    {
        // The request ends first, the worker that it caused goes on, and the root is what is told last.
        var web = Span(1, 1, name: "POST /", seconds: 0.5);
        var worker = Span(1, 4, parent: 2, name: "paint", start: 0.4, seconds: 9);
        var (publish, store) = (Span(1, 2, parent: 1, name: "publish", start: 0.1), Span(1, 5, parent: 4, name: "PUT", start: 8));
        var early = Span(1, 3, parent: 1, name: "validate", start: 0.05, seconds: 0.01);
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Spans("storage", store));

        var alone = telemetry.Store.Traces(new TraceQuery()).Items.ShouldHaveSingleItem();
        alone.IsComplete.ShouldBeFalse();
        alone.Name.ShouldBe("PUT");
        telemetry.Store.Trace(TraceId(1))!.Spans.ShouldHaveSingleItem().IsOrphan.ShouldBeTrue();

        telemetry.Receive(Spans("worker", worker));
        telemetry.Receive(Spans("webui", publish, early));
        telemetry.Receive(Spans("webui", web));

        var trace = telemetry.Store.Trace(TraceId(1))!;
        trace.Spans.Select(span => (span.Span.Name, span.Depth, span.Offset.TotalSeconds)).ShouldBe(
            [("POST /", 0, 0), ("validate", 1, 0.05), ("publish", 1, 0.1), ("paint", 2, 0.4), ("PUT", 3, 8)]);
        trace.Spans.Select(span => span.ChildCount).ShouldBe([2, 0, 1, 1, 0]);
        trace.Spans.ShouldAllBe(span => !span.IsOrphan);
        trace.Summary.ShouldSatisfyAllConditions(
            summary => summary.IsComplete.ShouldBeTrue(),
            summary => summary.Name.ShouldBe("POST /"),
            summary => summary.Resource.Name.ShouldBe("webui"),
            summary => summary.Start.ShouldBe(Noon),
            summary => summary.Duration.ShouldBe(TimeSpan.FromSeconds(9.4)),
            summary => summary.Resources.Select(part => (part.Resource.Name, part.SpanCount))
                .ShouldBe([("webui", 3), ("worker", 1), ("storage", 1)]));
        trace.Spans[3].Span.ParentSpanId.ShouldBe(SpanId(2));
    }

    [Fact]
    public void A_span_that_is_sent_again_counts_once()
    {
        using var telemetry = new TelemetryBench();
        var many = Enumerable.Range(1, 40).Select(i => Span(1, i)).ToArray();
        telemetry.Receive(Spans("a", many));
        telemetry.Receive(Spans("a", many));
        telemetry.Store.Traces(new TraceQuery()).Items.ShouldHaveSingleItem().SpanCount.ShouldBe(40);
    }

    [Fact]
    public void Spans_that_claim_to_have_caused_each_other_are_all_shown()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Spans("a", Span(1, 1, parent: 2), Span(1, 2, parent: 1, start: 1), Span(1, 3, parent: 3, start: 2)));
        telemetry.Store.Trace(TraceId(1))!.Spans.Select(span => (span.Span.SpanId, span.Depth))
            .ShouldBe([(SpanId(1), 0), (SpanId(2), 1), (SpanId(3), 0)]);
    }

    [Fact]
    public void A_trace_may_be_as_deep_as_it_has_spans()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Spans("a", [.. Enumerable.Range(1, 10_000).Select(i => Span(1, i, parent: i - 1))]));
        var spans = telemetry.Store.Trace(TraceId(1))!.Spans;
        spans.Select(span => span.Depth).ShouldBe(Enumerable.Range(0, 10_000));
    }

    [Fact]
    public void The_trace_that_was_heard_of_first_makes_room()
    {
        using var telemetry = new TelemetryBench(new TelemetryLimits { MaxTraceCount = 3 });
        telemetry.Receive(Spans("a", Span(1, 1), Span(2, 1), Span(3, 1), Span(1, 2, parent: 1), Span(4, 1)));
        telemetry.Store.Traces(new TraceQuery()).Items.Select(trace => trace.TraceId).ShouldBe(
            [TraceId(2), TraceId(3), TraceId(4)], ignoreOrder: true);
        telemetry.Store.Trace(TraceId(1)).ShouldBeNull();
    }

    [Fact]
    public void Memory_for_traces_is_bounded_by_size_too()
    {
        using var telemetry = new TelemetryBench(new TelemetryLimits { MaxTraceBytes = 100_000 });
        for (var i = 1; i <= 100; i++)
        {
            var span = Span(i, 1);
            span.Attributes.Add(Attribute("text", new string('x', 5_000)));
            telemetry.Receive(Spans("a", span));
        }
        // Ten thousand bytes of text each, and a little.
        telemetry.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(9);
        telemetry.Store.Trace(TraceId(100)).ShouldNotBeNull();
    }

    [Fact]
    public void Traces_are_filtered_and_come_in_pages_newest_first()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Spans("a", [.. Enumerable.Range(1, 5).Select(i => Span(i, 1, name: $"GET /{i}", start: i))]));
        var failed = Span(6, 1, name: "paint", start: 0);
        failed.Status = new Status { Code = StatusCode.Error, Message = "no model" };
        failed.Attributes.Add(Attribute("task.id", "01JABC"));
        telemetry.Receive(Spans("b", failed, Span(5, 2, parent: 1, start: 5)));

        Names(new TraceQuery { Count = 2 }).ShouldBe(["GET /5", "GET /4"]);
        Names(new TraceQuery { Offset = 4, Count = 10 }).ShouldBe(["GET /1", "paint"]);
        telemetry.Store.Traces(new TraceQuery { Offset = 9 }).ShouldSatisfyAllConditions(
            page => page.Items.ShouldBeEmpty(), page => page.TotalCount.ShouldBe(6));
        Names(new TraceQuery { Resource = "b" }).ShouldBe(["GET /5", "paint"]);
        Names(new TraceQuery { ErrorsOnly = true }).ShouldBe(["paint"]);
        Names(new TraceQuery { Text = "get /3" }).ShouldBe(["GET /3"]);
        Names(new TraceQuery { Text = "01jabc" }).ShouldBe(["paint"]);
        Names(new TraceQuery { Text = TraceId(2) }).ShouldBe(["GET /2"]);
        telemetry.Store.Trace(TraceId(6))!.Spans[0].Span.ShouldSatisfyAllConditions(
            span => span.Status.ShouldBe(ActivityStatusCode.Error), span => span.StatusMessage.ShouldBe("no model"));

        string[] Names(TraceQuery query) => [.. telemetry.Store.Traces(query).Items.Select(trace => trace.Name)];
    }

    [Fact]
    public void Events_links_and_log_records_belong_to_a_trace()
    {
        using var telemetry = new TelemetryBench();
        var span = Span(1, 1);
        span.Kind = SpanKind.Consumer;
        var linked = Span(7, 8);
        span.Links.Add(new Span.Types.Link
        {
            TraceId = linked.TraceId, SpanId = linked.SpanId, Attributes = { Attribute("a", "b") },
        });
        span.Events.Add(new Span.Types.Event
        {
            Name = "exception", TimeUnixNano = Nanoseconds(Noon), Attributes = { Attribute("c", "d") },
        });
        telemetry.Receive(Spans("a", span));
        var (late, early, other) = (Log("late", 2), Log("early", 1), Log("other"));
        (late.TraceId, early.TraceId, other.TraceId) = (span.TraceId, span.TraceId, ByteString.CopyFrom(new byte[16]));
        telemetry.Receive(Logs("a", late, early, other));

        var trace = telemetry.Store.Trace(TraceId(1))!;
        trace.Logs.Select(log => log.Message).ShouldBe(["early", "late"]);
        var seen = trace.Spans.ShouldHaveSingleItem().Span;
        seen.Kind.ShouldBe(ActivityKind.Consumer);
        seen.Links.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            link => (link.TraceId, link.SpanId).ShouldBe((TraceId(7), SpanId(8))),
            link => link.Attributes.ShouldBe([new TelemetryAttribute("a", "b")]));
        seen.Events.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            item => (item.Name, item.Time).ShouldBe(("exception", Noon)),
            item => item.Attributes.ShouldBe([new TelemetryAttribute("c", "d")]));
        telemetry.Store.Logs(new LogQuery { Text = "other" }).Items.ShouldHaveSingleItem().TraceId.ShouldBeNull();
    }

    [Fact]
    public void What_a_resource_took_part_in_is_forgotten_as_a_whole()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Spans("a", Span(1, 1), Span(2, 1)));
        telemetry.Receive(Spans("b", Span(1, 2, parent: 1), Span(3, 1)));
        telemetry.Store.Clear(TelemetryKinds.Traces, "a");
        telemetry.Store.Traces(new TraceQuery()).Items.ShouldHaveSingleItem().TraceId.ShouldBe(TraceId(3));
        telemetry.Store.Clear();
        telemetry.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(0);
        telemetry.Store.Resources().ShouldBeEmpty();
    }

    [Fact]
    public async Task Queries_see_whole_spans_while_others_arrive()
    {
        using var telemetry = new TelemetryBench(new TelemetryLimits { MaxTraceCount = 20 });
        var senders = Enumerable.Range(0, 3).Select(sender => Task.Run(() =>
        {
            for (var i = 1; i <= 2_000; i++)
                telemetry.Receive(Spans($"s{sender}", Span(i % 40 + 1, sender * 10_000 + i)));
        })).ToArray();
        var all = Task.WhenAll(senders);
        while (!all.IsCompleted)
        {
            foreach (var summary in telemetry.Store.Traces(new TraceQuery()).Items)
                telemetry.Store.Trace(summary.TraceId)?.Spans.ShouldAllBe(span => span.Span.Name == "work");
        }
        await all;
        telemetry.Store.Traces(new TraceQuery()).TotalCount.ShouldBe(20);
    }
}
