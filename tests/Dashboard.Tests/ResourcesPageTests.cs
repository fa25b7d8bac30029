using Microsoft.Playwright;
using SdAspire.Dashboard.Tests.Browser;

namespace SdAspire.Dashboard.Tests;

public sealed class ResourcesPageTests(DashboardFixture dashboard)
{
    [Fact]
    public async Task A_worker_stands_below_its_scaler_and_goes_when_it_is_done()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/", "text=worker-k2m8x");
        var row = visitor.Page.Locator("tr", new() { HasTextString = "worker-young" });

        dashboard.Resources.Set(Scene.Worker("worker-young", "Running"));
        await row.WaitForAsync();
        var names = await visitor.Page.Locator("td.name .row-button").AllInnerTextsAsync();
        var scaler = names.ToList().IndexOf("scaler");
        names.Skip(scaler + 1).TakeWhile(name => name.StartsWith("worker-",
            StringComparison.Ordinal)).ShouldContain("worker-young");

        dashboard.Resources.Set(Scene.Worker("worker-young", "Finished", exitCode: 0));
        await row.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        dashboard.Resources.Remove("worker-young");
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_part_stays_with_its_exit_code()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/", "text=worker-z9a1c");
        (await visitor.Page.Locator("tr",
            new() { HasTextString = "worker-z9a1c" }).Locator(".state").InnerTextAsync()).ShouldBe("Exited (1)");
    }

    [Fact]
    public async Task A_secret_is_not_in_the_page_until_somebody_asks_for_it()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/?resource=webui", ".panel >> text=ConnectionStrings__messaging");
        (await visitor.Page.ContentAsync()).ShouldNotContain(Scene.Secret);

        await visitor.Page.GetByLabel("Show ConnectionStrings__messaging").ClickAsync();
        await visitor.Page.Locator(".panel .value", new() { HasTextString = Scene.Secret }).WaitForAsync();
        await visitor.Page.GetByLabel("Hide ConnectionStrings__messaging").ClickAsync();
        await visitor.Page.GetByLabel("Show ConnectionStrings__messaging").WaitForAsync();
        (await visitor.Page.ContentAsync()).ShouldNotContain(Scene.Secret);

        await visitor.Page.GetByLabel("Copy ConnectionStrings__messaging").ClickAsync();
        await visitor.Page.Locator(".mud-snackbar", new() { HasTextString = "copied" }).WaitForAsync();
        (await visitor.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldContain(Scene.Secret);
    }

    [Fact]
    public async Task A_command_with_a_question_runs_only_after_the_answer()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/", "text=webui");
        await ChooseAsync(visitor, "Clear the gallery");
        await visitor.Page.Locator(".mud-dialog", new() { HasTextString = "All pictures will be forgotten" }).WaitForAsync();
        await visitor.ShotAsync("confirmation-1280-light");
        await visitor.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await visitor.Page.Locator(".mud-dialog").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        dashboard.Resources.Commands.ShouldNotContain("webui/clear");

        await ChooseAsync(visitor, "Clear the gallery");
        await visitor.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Clear the gallery" }).ClickAsync();
        await visitor.Page.Locator(".mud-snackbar", new() { HasTextString = "Clear the gallery webui: done." }).WaitForAsync();
        dashboard.Resources.Commands.ShouldContain("webui/clear");
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_that_fails_tells_why_and_a_highlighted_one_is_a_button()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/", "text=webui");
        await ChooseAsync(visitor, "Fail");
        await visitor.Page.Locator(".mud-snackbar", new() { HasTextString = "It would not." }).WaitForAsync();
        await visitor.Page.GetByLabel("Restart storage").ClickAsync();
        await Eventually.TrueAsync(() => dashboard.Resources.Commands.Contains("storage/restart"), "the command arrives");
        (await visitor.Page.GetByLabel("Stop worker-z9a1c").IsDisabledAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task What_resources_are_called_is_text_and_only_web_addresses_are_links()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/?resource=hostile", ".panel >> text=QUOTE");
        (await visitor.Page.Locator(".panel h2").InnerTextAsync()).ShouldBe(Scene.HostileName);
        (await visitor.Page.Locator("a[href^='javascript' i]").CountAsync()).ShouldBe(0);
        (await visitor.Page.EvaluateAsync<int>("[...document.scripts].filter(one => !one.src).length")).ShouldBe(0);
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_filter_leaves_what_matches_with_its_parents()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/", "text=worker-k2m8x");
        await visitor.Page.FillAsync("[data-search]", "k2m8");
        await visitor.Page.Locator("tr",
            new() { HasTextString = "storage" }).WaitForAsync(new() { State = WaitForSelectorState.Detached });
        (await visitor.Page.Locator("td.name .row-button").AllInnerTextsAsync()).ShouldBe(["scaler", "worker-k2m8x"]);
        await visitor.Page.FillAsync("[data-search]", "nothing like this");
        await visitor.Page.Locator("text=Nothing matches").WaitForAsync();
    }

    private static async Task ChooseAsync(Visitor visitor, string command)
    {
        await visitor.Page.GetByLabel("More for webui").ClickAsync();
        await visitor.Page.Locator(".mud-popover-open .mud-menu-item", new() { HasTextString = command }).ClickAsync();
    }
}
