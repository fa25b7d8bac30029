using Microsoft.Playwright;
using SdAspire.Dashboard.Tests.Browser;

namespace SdAspire.Dashboard.Tests;

public sealed class KeyboardTests(DashboardFixture dashboard)
{
    [Fact]
    public async Task Letters_lead_to_the_pages_but_not_while_somebody_types()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/", "h1");
        foreach (var (key, heading) in ((string, string)[])
            [("t", "Traces"), ("s", "Structured logs"), ("m", "Metrics"), ("c", "Console logs"), ("r", "Resources")])
        {
            await visitor.Page.Keyboard.PressAsync(key);
            await visitor.Page.Locator("h1", new() { HasTextString = heading }).WaitForAsync();
        }

        await visitor.Page.Keyboard.PressAsync("/");
        (await visitor.Page.EvaluateAsync<bool>("document.activeElement.matches('[data-search]')")).ShouldBeTrue();
        await visitor.Page.Keyboard.TypeAsync("storage");
        (await visitor.Page.InputValueAsync("[data-search]")).ShouldBe("storage");
        (await visitor.Page.Locator("h1").InnerTextAsync()).ShouldBe("Resources");
        visitor.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Escape_closes_what_is_open()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/?resource=webui", ".panel");
        await visitor.Page.Keyboard.PressAsync("?");
        await visitor.Page.Locator("#keys[open]").WaitForAsync();
        await visitor.ShotAsync("keys-1280-light");
        await visitor.Page.Keyboard.PressAsync("Escape");
        await visitor.Page.Locator("#keys[open]").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        (await visitor.Page.Locator(".panel").CountAsync()).ShouldBe(1);
        await visitor.Page.Keyboard.PressAsync("Escape");
        await visitor.Page.Locator(".panel").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    [Fact]
    public async Task A_row_opens_by_keyboard_alone()
    {
        await using var visitor = await dashboard.VisitAsync();
        await visitor.GoAsync("/", "text=worker-k2m8x");
        // A browser shows the focus to who uses the keyboard.
        await visitor.Page.Keyboard.PressAsync("Tab");
        await visitor.Page.GetByLabel("Details of storage").FocusAsync();
        (await visitor.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle")).ShouldNotBe("none");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Page.Locator(".panel h2 >> text=storage").WaitForAsync();
    }

    [Fact]
    public async Task A_chosen_theme_stays()
    {
        await using var visitor = await dashboard.VisitAsync(theme: "light");
        await visitor.GoAsync("/", "text=worker-k2m8x");
        await visitor.Page.GetByLabel("Theme").ClickAsync();
        await visitor.Page.Locator(".mud-popover-open .mud-menu-item", new() { HasTextString = "Dark" }).ClickAsync();
        await visitor.Page.Locator("html[data-theme=dark]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await visitor.Page.ReloadAsync();
        await visitor.Page.Locator("text=worker-k2m8x").WaitForAsync();
        (await visitor.Page.EvaluateAsync<string>("document.documentElement.dataset.theme")).ShouldBe("dark");
        (await visitor.Page.Locator("[data-search]").EvaluateAsync<string>("field => getComputedStyle(field).color"))
            .ShouldBe("rgb(231, 233, 239)");
    }

    [Fact]
    public async Task A_dashboard_that_has_gone_is_told()
    {
        await using var own = new DashboardFixture { HasTelemetry = false };
        await own.InitializeAsync();
        await using var visitor = await own.VisitAsync();
        await visitor.GoAsync("/", "text=worker-k2m8x");
        await own.StopDashboardAsync();
        await visitor.Page.Locator("text=The dashboard is not answering").WaitForAsync();
        await visitor.ShotAsync("gone-1280-light");
    }
}
