using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SdAspire.AppHost.Tests.EndToEnd;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests;

/// <summary>The dashboard of the whole application, as its user sees it.</summary>
public sealed partial class DashboardTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "AppHost.dll");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_shows_the_resources_and_a_pictures_way_from_the_click_to_the_storage()
    {
        await using var run = Command.Start("dotnet", [Program, .. RunningAppHost.Arguments(_folder["data"])]);
        var webui = (await run.Line(line => line.StartsWith("WebUi http://", StringComparison.Ordinal), "the page is there"))["WebUi ".Length..];
        var login = (await run.Line(line => line.StartsWith("Dashboard http://", StringComparison.Ordinal), "the dashboard is there"))["Dashboard ".Length..];
        await using var browser = await Browser.StartAsync(new Uri(login));
        var page = browser.Page;

        // The token is what the line on standard output is for.
        await page.GotoAsync(new Uri(new Uri(login), "/").ToString());
        page.Url.ShouldContain("/login");
        await page.GotoAsync(login);
        foreach (var resource in new[] { "messaging", "storage", "webui", "scaler" })
            await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = resource }).Filter(new() { HasText = "Running" }).First);

        using var client = new HttpClient { BaseAddress = new Uri(webui) };
        var generation = await Api.Queue(client, new { prompt = "a frog", steps = 2 });
        (await Api.Finished(client, $"{generation["id"]}"))["status"]!.GetValue<string>().ShouldBe("done");

        await page.GotoAsync(new Uri(new Uri(login), "/traces").ToString());
        await Expect(page.GetByText("/api/generations").First);
        // What the parts do by themselves, probes and polls, is no trace. One that has just begun may lack its first span yet.
        IReadOnlyList<string> names = [];
        await Eventually.TrueAsync(
            async () => (names = await page.Locator(".trace-name").AllInnerTextsAsync())
                .All(name => name.Contains("/api/generations", StringComparison.Ordinal)),
            explain: () => string.Join('\n', names));
        // It is not among the newest when the picture took long and was asked for often.
        await page.GotoAsync(new Uri(new Uri(login), "/traces?text=POST").ToString());
        await page.GetByText("POST /api/generations").First.ClickAsync();
        await page.WaitForURLAsync(TracePage());
        string[] spans =
            ["publish generation", "webui record", "paint task", "load model", "webui PUT images", "storage PUT images"];
        foreach (var span in spans)
            await Expect(page.GetByText(SpanName(span)).First);
        await browser.ScreenshotAsync("trace");
        browser.Faults.ShouldBeEmpty();

        run.Send(Signal.Terminate);
        (await run.Ended()).ShouldBe(0);
    }

    private static Task Expect(ILocator locator) => locator.WaitForAsync();

    // Resource and name of a span are two elements.
    private static Regex SpanName(string text) => new(string.Join(@"\s+", text.Split(' ').Select(Regex.Escape)));

    [GeneratedRegex("/traces/detail/")]
    private static partial Regex TracePage();
}
