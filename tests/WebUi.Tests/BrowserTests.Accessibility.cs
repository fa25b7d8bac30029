using Microsoft.Playwright;
using SdAspire.Generation;
using static Microsoft.Playwright.Assertions;

namespace SdAspire.WebUi.Tests;

/// <summary>The pages for everybody: by axe-core's rules, on a phone, on a 4K screen.</summary>
public sealed partial class BrowserTests
{
    // By its impact, what keeps people out; the rest is advice.
    private const string SeriousFindings =
        """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
          .filter(found => found.impact === 'serious' || found.impact === 'critical')
          .map(found => `${found.id}: ${found.nodes.map(node => `${node.target} ${node.failureSummary}`).join('; ')}`)
        """;

    [Fact]
    public async Task Nothing_keeps_anybody_out()
    {
        await NpmPackages.InstallAsync();
        var axe = await NpmPackages.ReadAsync("axe-core/axe.min.js");
        var cards = await AllCardsAsync();
        await using var guarded = await house.StartGuardedAsync();
        await using var window = await OpenAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        var (page, home) = (window.Page, house.Http.BaseAddress!);

        foreach (var path in (string[])[
            "/", "/?q=nothing+has+these+words", "/?prompt=a+frog&seed=1", $"/generations/{cards["done"].Id}",
            $"/generations/{cards["failed"].Id}", $"/generations/{cards["running"].Id}", "/docs"])
        {
            await CheckAsync(new(home, path));
        }
        await CheckAsync(new(guarded.Http.BaseAddress!, "/login"));

        async Task CheckAsync(Uri address)
        {
            await page.GotoAsync(address.AbsoluteUri);
            await page.EvaluateAsync(axe);
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                (await page.EvaluateAsync<string[]>(SeriousFindings)).ShouldBeEmpty($"{address} in {scheme}");
            }
        }
    }

    [Fact]
    public async Task The_pages_fit_a_phone_and_a_4K_screen()
    {
        var cards = await AllCardsAsync();
        await using var window = await OpenAsync();
        var page = window.Page;

        foreach (var (width, height) in ((int, int)[])[(390, 844), (3840, 2160)])
        {
            await page.SetViewportSizeAsync(width, height);
            foreach (var (name, path) in ((string, string)[])[
                ("home", ""), ("vary", "?prompt=a+frog&seed=1"), ("view", $"generations/{cards["done"].Id}"), ("docs", "docs")])
            {
                await page.GotoAsync(house.Http.BaseAddress + path);
                (await page.EvaluateAsync<int>("document.documentElement.scrollWidth"))
                    .ShouldBeLessThanOrEqualTo(width, $"{name} at {width}");
                await window.ScreenshotAsync($"{name}-{width}");
            }
        }
        // Neither lost in the middle nor letters for ants.
        await page.GotoAsync(house.Http.BaseAddress!.AbsoluteUri);
        (await page.Locator("#gallery").EvaluateAsync<double>("gallery => gallery.clientWidth")).ShouldBeGreaterThan(2000);
        (await page.EvaluateAsync<double>("parseFloat(getComputedStyle(document.body).fontSize)")).ShouldBeGreaterThan(20);

        await page.SetViewportSizeAsync(390, 844);
        await page.FillAsync("#prompt", "a frog by thumb");
        await page.GetByRole(AriaRole.Button, new() { Name = "Paint", Exact = true }).ClickAsync();
        await Card(page, await _worker.TakeAsync()).WaitForAsync();
        window.Faults.ShouldBeEmpty();
    }

    /// <summary>One of each state that a card can have.</summary>
    private async Task<Dictionary<string, GenerationTask>> AllCardsAsync()
    {
        var tasks = new Dictionary<string, GenerationTask>(StringComparer.Ordinal);
        foreach (var state in (string[])["queued", "running", "done", "failed", "cancelled"])
            tasks[state] = await AskAsync($"a frog that is {state}");
        await _worker.TellAsync(tasks["running"], GenerationEventType.Step, step: 5, preview: WorkerRole.Png);
        await FinishAsync(tasks["done"]);
        await _worker.BuryAsync(tasks["failed"], "Painting failed 3 times, at last with: the model has no frogs that are failed.");
        (await house.Http.DeleteAsync($"{Api.Generations}/{tasks["cancelled"].Id}")).Dispose();
        foreach (var (state, task) in tasks)
            await house.Http.WaitForStatusAsync(task.Id, state);
        return tasks;
    }
}
