using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Components.Pages;
using SdAspire.Hosting.Dashboard.Telemetry;
using static SdAspire.Dashboard.Tests.OtlpMessages;

namespace SdAspire.Dashboard.Tests;

public sealed class TelemetryLogTests
{
    [Fact]
    public void The_oldest_records_make_room()
    {
        using var telemetry = new TelemetryBench(new TelemetryLimits { MaxLogCount = 3 });
        telemetry.Receive(Logs("a", Log("1"), Log("2")));
        telemetry.Receive(Logs("a", Log("3"), Log("4"), Log("5")));
        Messages(telemetry, new LogQuery { OldestFirst = true }).ShouldBe(["3", "4", "5"]);
    }

    [Fact]
    public void Memory_for_records_is_bounded_by_size_too()
    {
        using var telemetry = new TelemetryBench(new TelemetryLimits { MaxLogBytes = 100_000 });
        for (var i = 0; i < 100; i++)
            telemetry.Receive(Logs("a", Log(i + new string('x', 5_000))));
        telemetry.Store.Logs(new LogQuery()).TotalCount.ShouldBe(9);
    }

    [Fact]
    public void Records_come_in_the_order_of_their_time_and_in_pages()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Logs("a", Log("b", 2), Log("d", 4)));
        telemetry.Receive(Logs("b", Log("a", 1), Log("c", 3), Log("c2", 3)));
        Messages(telemetry, new LogQuery()).ShouldBe(["d", "c2", "c", "b", "a"]);
        Messages(telemetry, new LogQuery { OldestFirst = true, Offset = 1, Count = 2 }).ShouldBe(["b", "c"]);
        telemetry.Store.Logs(new LogQuery { Count = 0 }).TotalCount.ShouldBe(5);
    }

    [Fact]
    public void Records_are_filtered_by_level_resource_text_and_trace()
    {
        using var telemetry = new TelemetryBench();
        var traced = Log("painted a cat", severity: 13);
        traced.TraceId = Span(3, 4).TraceId;
        traced.SpanId = Span(3, 4).SpanId;
        traced.EventName = "Painted";
        var structured = Log("took 3 s", severity: 5);
        structured.Attributes.Add([Attribute("Task", "01JXYZ"), Attribute("{OriginalFormat}", "took {Seconds} s")]);
        telemetry.Receive(Logs("worker", traced));
        telemetry.Receive(Logs("webui", structured, Log("failed", severity: 17), Log("died", severity: 21)));

        Messages(telemetry, new LogQuery { MinimumLevel = LogLevel.Warning }).ShouldBe(
            ["painted a cat", "failed", "died"], ignoreOrder: true);
        Messages(telemetry, new LogQuery { MinimumLevel = LogLevel.Critical }).ShouldBe(["died"]);
        Messages(telemetry, new LogQuery { Resource = "worker" }).ShouldBe(["painted a cat"]);
        Messages(telemetry, new LogQuery { Text = "CAT" }).ShouldBe(["painted a cat"]);
        Messages(telemetry, new LogQuery { Text = "01jxyz" }).ShouldBe(["took 3 s"]);
        Messages(telemetry, new LogQuery { Text = "painted", Resource = "webui" }).ShouldBeEmpty();
        Messages(telemetry, new LogQuery { TraceId = TraceId(3).ToUpperInvariant() }).ShouldBe(["painted a cat"]);
        Messages(telemetry, new LogQuery { SpanId = SpanId(4) }).ShouldBe(["painted a cat"]);
        var record = telemetry.Store.Logs(new LogQuery { Text = "took" }).Items.ShouldHaveSingleItem();
        record.Template.ShouldBe("took {Seconds} s");
        record.Level.ShouldBe(LogLevel.Debug);
        record.Category.ShouldBe("tests");
        record.Attributes.ShouldBe([new TelemetryAttribute("Task", "01JXYZ")]);
    }

    [Fact]
    public void A_record_without_a_time_has_that_at_which_it_was_observed()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(Logs("a", new LogRecord { ObservedTimeUnixNano = Nanoseconds(Noon) }));
        telemetry.Store.Logs(new LogQuery()).Items.ShouldHaveSingleItem().Time.ShouldBe(Noon);
    }

    [Fact]
    public void Display_names_tell_resources_apart()
    {
        using var telemetry = new TelemetryBench();
        Send(telemetry, "webui", "webui-ab12");
        telemetry.Store.Resources().Select(resource => resource.DisplayName).ShouldBe(["webui"]);
        Send(telemetry, "worker", "worker-1a");
        Send(telemetry, "worker", "worker-2b");
        Send(telemetry, "worker", "3c");
        Send(telemetry, "worker", "");
        Send(telemetry, "worker-3c", "");
        var names = telemetry.Store.Resources().Select(resource => resource.DisplayName).ToList();
        names.ShouldBe(["webui", "worker", "worker-1a", "worker-2b", "worker-3c", "worker-3c (2)"]);
        telemetry.Store.Logs(new LogQuery { Resource = "worker" }).TotalCount.ShouldBe(4);
        telemetry.Store.Logs(new LogQuery { Resource = "worker-1a" }).TotalCount.ShouldBe(1);
    }

    [Fact]
    public void A_service_that_has_one_instance_left_has_its_own_name_again()
    {
        using var telemetry = new TelemetryBench();
        Send(telemetry, "worker", "worker-1a");
        Send(telemetry, "worker", "worker-2b");
        Send(telemetry, "worker", "3c");
        telemetry.Store.Clear(TelemetryKinds.Resources, "worker-1a");
        telemetry.Store.Clear(TelemetryKinds.Resources, "worker-3c");
        telemetry.Store.Resources().ShouldHaveSingleItem().DisplayName.ShouldBe("worker");
    }

    [Fact]
    public void The_resource_filters_offer_the_instances_that_were_heard_of_last()
    {
        using var telemetry = new TelemetryBench();
        Send(telemetry, "webui", "webui-ab12");
        foreach (var n in Enumerable.Range(10, 50))
            Send(telemetry, "worker", $"worker-{n}");
        Send(telemetry, "worker", "worker-10");
        string[] workers = ["worker-10", .. Enumerable.Range(41, 19).Select(n => $"worker-{n}")];
        ResourceNames.Of(telemetry.Store).ShouldBe(["webui", "worker", .. workers]);
    }

    [Fact]
    public void The_resource_that_was_silent_for_longest_makes_room()
    {
        using var telemetry = new TelemetryBench(new TelemetryLimits { MaxResourceCount = 2 });
        foreach (var name in new[] { "a", "b", "a", "c" })
            telemetry.Receive(Logs(name, Log("x")));
        telemetry.Store.Resources().Select(resource => resource.Name).ShouldBe(["a", "c"]);
    }

    [Fact]
    public void A_sender_without_a_name_is_an_unknown_service()
    {
        using var telemetry = new TelemetryBench();
        telemetry.Receive(new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs() } });
        telemetry.Store.Resources().ShouldHaveSingleItem().DisplayName.ShouldBe("unknown_service");
    }

    [Fact]
    public void Subscribers_are_told_once_for_many_changes_of_their_kind()
    {
        var time = new FakeTimeProvider();
        using var telemetry = new TelemetryBench(time: time);
        var logs = new List<TelemetryKinds>();
        var traces = new List<TelemetryKinds>();
        var subscription = telemetry.Store.Subscribe(TelemetryKinds.Logs, logs.Add);
        using var other = telemetry.Store.Subscribe(TelemetryKinds.Traces, traces.Add);
        using var faulty = telemetry.Store.Subscribe(TelemetryKinds.All, _ => throw new InvalidOperationException("mine"));

        for (var i = 0; i < 100; i++)
            telemetry.Receive(Logs("a", Log("x")));
        logs.ShouldBeEmpty();
        time.Advance(TimeSpan.FromSeconds(1));
        logs.ShouldBe([TelemetryKinds.Logs]);
        traces.ShouldBeEmpty();

        telemetry.Receive(Spans("a", Span(1, 1)));
        time.Advance(TimeSpan.FromSeconds(1));
        traces.ShouldBe([TelemetryKinds.Traces]);
        telemetry.Receive(Logs("a", Log("x")));
        subscription.Dispose();
        time.Advance(TimeSpan.FromSeconds(1));
        logs.Count.ShouldBe(1);
    }

    private static string[] Messages(TelemetryBench telemetry, LogQuery query) =>
        [.. telemetry.Store.Logs(query).Items.Select(log => log.Message)];

    private static void Send(TelemetryBench telemetry, string name, string instance)
    {
        var request = Logs("x", Log("x"));
        request.ResourceLogs[0].Resource = Service(name, instance);
        telemetry.Receive(request);
    }
}
