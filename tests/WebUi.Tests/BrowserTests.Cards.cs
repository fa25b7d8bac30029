using Microsoft.Playwright;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>The cards.</summary>
public sealed partial class BrowserTests
{
    [Fact]
    public async Task A_card_is_cancelled_and_retried_by_its_buttons_and_shows_the_preview()
    {
        await using var window = await OpenAsync();
        var page = window.Page;
        await page.FillAsync("#prompt", "frog");
        await page.Keyboard.PressAsync("Enter");
        var task = await _worker.TakeAsync();
        var card = Card(page, task);

        // By keyboard alone; the focus stays on the card that takes the place of the other.
        await card.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).PressAsync("Enter");
        await card.GetByText("Cancelled", new() { Exact = true }).WaitForAsync();
        (await card.EvaluateAsync<bool>("card => card.contains(document.activeElement)")).ShouldBeTrue();
        await card.GetByRole(AriaRole.Button, new() { Name = "Retry" }).PressAsync("Enter");
        await card.GetByText("Queued", new() { Exact = true }).WaitForAsync();
        (await _worker.TakeAsync()).ShouldBe(task);

        await _worker.TellAsync(task, GenerationEventType.Started);
        await card.GetByText("Loading the model").WaitForAsync();
        (await card.Locator(".preview").IsVisibleAsync()).ShouldBeFalse();
        await _worker.TellAsync(task, GenerationEventType.Step, step: 1);
        await card.GetByText("step 1 of 12").WaitForAsync();
        await _worker.TellAsync(task, GenerationEventType.Step, step: 2, preview: WorkerRole.Png);
        await SeenAsync(card.Locator(".preview"));
        (await card.Locator(".preview").IsVisibleAsync()).ShouldBeTrue();

        await _worker.BuryAsync(task, "The model has no frogs.");
        await card.GetByText("The model has no frogs.").WaitForAsync();
        await card.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await card.GetByText("Queued", new() { Exact = true }).WaitForAsync();
        await _worker.StoreAsync(await _worker.TakeAsync());
        await _worker.TellAsync(task, GenerationEventType.Done);
        await SeenAsync(card.Locator(".pictures img"));
        window.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_state_has_its_card_on_any_screen()
    {
        var tasks = await AllCardsAsync();
        await using var window = await OpenAsync();
        var page = window.Page;

        foreach (var (width, scheme) in ((int, ColorScheme)[])[
            (1280, ColorScheme.Light), (1280, ColorScheme.Dark), (390, ColorScheme.Light), (390, ColorScheme.Dark)])
        {
            await page.SetViewportSizeAsync(width, 1200);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.ReloadAsync();
            foreach (var (state, task) in tasks)
            {
                var card = page.Locator($"#g-{task.Id}[data-status={state}]");
                await card.ScrollIntoViewIfNeededAsync();
                var button = card.GetByRole(AriaRole.Button);
                (await button.CountAsync()).ShouldBe(state == "done" ? 0 : 1);
                (await card.EvaluateAsync<bool>("card => card.scrollWidth <= card.clientWidth")).ShouldBeTrue($"{state} at {width}");
            }
            await page.EvaluateAsync("scrollTo(0, document.getElementById('gallery').offsetTop - 20)");
            await window.ScreenshotAsync($"cards-{width}-{scheme}".ToLowerInvariant());
        }
        window.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_button_that_comes_too_late_says_so()
    {
        var id = await house.Http.AskForIdAsync("frog");
        await using var window = await OpenAsync();
        var page = window.Page;
        await page.Locator($"#g-{id}").WaitForAsync();
        // Painted, and the page was not told.
        await _worker.StoreAsync(await _worker.TakeAsync());
        await page.RouteAsync("**/api/generations/**", async route =>
        {
            // What the stream tells meanwhile would take the button away.
            await route.FulfillAsync(new()
            {
                Status = 409, ContentType = "application/problem+json", Body = """{"title":"It has been painted already.","status":409}""",
            });
        });

        await page.Locator($"#g-{id}").GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await page.Locator($"#g-{id}").GetByRole(AriaRole.Alert).GetByText("It has been painted already.").WaitForAsync();
    }
}
