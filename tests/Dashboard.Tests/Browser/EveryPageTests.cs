using SdAspire.Dashboard.Tests.Browser;

namespace SdAspire.Dashboard.Tests;

/// <summary>
/// What holds on every page, in both widths and themes. With SCREENSHOTS=1 in the environment each is also written to
/// artifacts/screenshots/dashboard, from where docs/dashboard is filled.
/// </summary>
public sealed class EveryPageTests(DashboardFixture dashboard)
{
    public static TheoryData<string, string, string, int, string> Pages()
    {
        var data = new TheoryData<string, string, string, int, string>();
        foreach (var (name, path, until) in ((string, string, string)[])
        [
            ("resources", "/", "text=worker-k2m8x"),
            ("resource-details", "/?resource=webui", ".panel >> text=OTEL_SERVICE_NAME"),
            ("console", "/consolelogs/resource/webui", ".line >> text=Request"),
            ("structured", "/structuredlogs", ".logs .row >> text=could not be stored"),
            ("structured-details", "/structuredlogs?logLevel=Error", ".logs .row >> text=could not be stored"),
            ("traces", "/traces", ".traces .row >> text=api/generations"),
            ("trace", "/traces/detail/TRACE", ".waterfall .row >> text=denoise"),
            ("trace-details", "/traces/detail/TRACE", ".waterfall .row >> text=denoise"),
            ("metrics", "/metrics/resource/webui?meter=Scene.webui&instrument=http.server.request.duration&duration=1",
                ".legend b >> text=ms"),
            ("metrics-table", "/metrics/resource/webui?instrument=generations.accepted&measure=Value&view=Table", ".values td"),
            ("empty", "/structuredlogs?text=nothing-has-this", "text=Nothing matches"),
            ("not-found", "/no/such/page", "text=There is no such page"),
        ])
        {
            foreach (var width in (int[])[1280, 390])
            {
                foreach (var theme in (string[])["light", "dark"])
                    data.Add(name, path, until, width, theme);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_shows_without_a_fault_and_without_scrolling_sideways(string name, string path, string until,
        int width, string theme)
    {
        await using var visitor = await dashboard.VisitAsync(width, width == 390 ? 844 : 800, theme);
        await visitor.GoAsync(path.Replace("TRACE", dashboard.TraceId, StringComparison.Ordinal), until);
        if (name == "structured-details")
            await visitor.Page.Locator(".logs .row-button").First.ClickAsync();
        if (name == "trace-details")
            await visitor.Page.Locator(".waterfall .row-button", new() { HasTextString = "publish" }).First.ClickAsync();
        if (name.EndsWith("-details", StringComparison.Ordinal))
            await visitor.Page.Locator(".panel").WaitForAsync();

        await visitor.ShotAsync($"{name}-{width}-{theme}");
        (await visitor.OverflowsAsync()).ShouldBeFalse();
        (await visitor.Page.EvaluateAsync<string>("document.documentElement.dataset.theme")).ShouldBe(theme);
        // A browser reports a page that is answered with 404 as an error.
        visitor.Faults.Where(fault => name != "not-found" || !fault.Contains("404", StringComparison.Ordinal)).ShouldBeEmpty();
        (await visitor.Page.TitleAsync()).ShouldNotBeNullOrWhiteSpace();
    }
}
