using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using SdAspire.Dashboard.Tests.Browser;

namespace SdAspire.Dashboard.Tests;

public sealed class TelemetryPageTests(DashboardFixture dashboard)
{
    [Fact]
    public async Task Logs_are_filtered_by_the_address_and_lead_to_their_trace()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/structuredlogs/resource/worker?logLevel=Error&text=number%205%20", ".logs .row.is-error");
        (await visitor.Page.Locator(".logs .row:not(.head)").CountAsync()).ShouldBe(1);
        await visitor.Page.Locator(".logs .row-button").ClickAsync();
        await visitor.Page.Locator(".panel >> text=exception.stacktrace").WaitForAsync();
        visitor.Page.Url.ShouldContain("entry=");

        await visitor.Page.Locator(".panel a[href^='/traces/detail/']").First.ClickAsync();
        await visitor.Page.Locator(".waterfall .row >> text=denoise").WaitForAsync();
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task New_log_entries_arrive_and_wait_above_while_the_reader_is_further_down()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/structuredlogs", ".logs .row:not(.head)");
        var first = Guid.NewGuid().ToString("N");
        dashboard.Senders["webui"].Log(logger => logger.LogWarning("A {Kind} entry", first));
        await visitor.Page.Locator($".logs .row >> text=A {first} entry").WaitForAsync();

        await visitor.Page.Locator(".logs").EvaluateAsync("list => list.scrollTop = 200");
        var second = Guid.NewGuid().ToString("N");
        var pill = visitor.Page.Locator(".to-start");
        // The browser tells that it scrolled; what is sent before that would still be put in.
        await Eventually.TrueAsync(async () =>
        {
            dashboard.Senders["webui"].Log(logger => logger.LogWarning("Later, a {Kind} entry", second));
            return await pill.IsVisibleAsync();
        }, "new entries wait above");
        await pill.ClickAsync();
        await visitor.Page.Locator($".logs .row >> text=Later, a {second} entry").First.WaitForAsync();
        (await visitor.Page.Locator(".logs").EvaluateAsync<int>("list => list.scrollTop")).ShouldBe(0);
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_number_of_errors_stands_beside_the_page_s_name()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/traces", ".rail .badge");
        int.Parse((await visitor.Page.Locator(".rail .badge").InnerTextAsync()).Split(' ', '\n')[0],
            System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_trace_opens_as_a_waterfall_across_services_that_folds()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync($"/traces?text={dashboard.TraceId}", ".traces .row:not(.head)");
        await visitor.Page.Locator(".trace-name a").ClickAsync();
        var rows = visitor.Page.Locator(".waterfall .row:not(.head)");
        await rows.Nth(13).WaitForAsync();
        (await visitor.Page.Locator(".waterfall .who").AllInnerTextsAsync()).Distinct().Order().ShouldBe(["scaler", "storage",
            "webui", "worker"]);
        (await rows.First.Locator(".row-button").InnerTextAsync()).ShouldBe("POST /api/generations");

        await visitor.Page.GetByLabel("Spans below denoise").ClickAsync();
        await visitor.Page.Locator(".waterfall >> text='step 1'").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        (await rows.CountAsync()).ShouldBe(10);

        await visitor.Page.Locator(".waterfall .row-button", new() { HasTextString = "publish tasks" }).ClickAsync();
        await visitor.Page.Locator(".panel >> text=messaging.destination.name").WaitForAsync();
        (await visitor.Page.Locator(".panel").InnerTextAsync()).ShouldContain(Scene.HostileName);
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Failed_traces_can_be_picked_out()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/traces", ".traces .row:not(.head)");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Only with errors" }).ClickAsync();
        await visitor.Page.Locator(".total >> text='3 traces'").WaitForAsync();
        visitor.Page.Url.ShouldContain("errors=true");
    }

    [Fact]
    public async Task An_instrument_is_drawn_live_and_split_by_a_dimension()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/metrics/resource/webui?duration=1", ".instruments a");
        await visitor.Page.Locator(".instruments a", new() { HasTextString = "http.server.request.duration" }).ClickAsync();
        await visitor.Page.Locator(".legend >> text=P99").WaitForAsync();
        (await visitor.Page.Locator(".plot .series").CountAsync()).ShouldBe(3);

        await visitor.Page.Locator(".instruments a", new() { HasTextString = "generations.accepted" }).ClickAsync();
        await visitor.Page.Locator(".legend >> text=Rate").WaitForAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Split" }).ClickAsync();
        await visitor.Page.Locator(".legend >> text=fluent-small-64").WaitForAsync();
        (await visitor.Page.Locator(".plot .series").CountAsync()).ShouldBe(2);

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Table", Exact = true }).ClickAsync();
        await visitor.Page.Locator(".values th >> text=tiny").WaitForAsync();
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_value_under_the_pointer_is_told()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/metrics/resource/webui?instrument=process.memory.usage&duration=1", ".plot .series");
        // As soon as there is a second value.
        await Eventually.TrueAsync(async () =>
        {
            await visitor.Page.Locator(".plot").HoverAsync(new() { Position = new() { X = 700, Y = 100 } });
            return (await visitor.Page.Locator(".chart-tip").InnerTextAsync()).Contains("MiB", StringComparison.Ordinal);
        }, "the pointer tells a value");
        visitor.Faults.ShouldBeEmpty();
    }
}
