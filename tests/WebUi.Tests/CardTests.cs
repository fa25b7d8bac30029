using Microsoft.Playwright;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>The cards in a real browser.</summary>
[Collection(HouseCollection.Name)]
public sealed class CardTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private WorkerRole _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerRole.StartAsync(broker, storage);
        await _worker.PurgeDeadLettersAsync();
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task A_card_is_cancelled_and_retried_by_its_buttons_and_shows_the_preview()
    {
        var address = webUi.Http.BaseAddress!;
        await using var browser = await Browser.StartAsync(address);
        var page = browser.Page;
        await page.GotoAsync(address.AbsoluteUri);
        await page.FillAsync("#prompt", "frog");
        await page.Keyboard.PressAsync("Enter");
        var task = await _worker.TakeAsync();
        var card = page.Locator($"#g-{task.Id}");

        // By keyboard alone; the focus stays on the card that takes the place of the other.
        await card.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).PressAsync("Enter");
        await card.GetByText("Cancelled", new() { Exact = true }).WaitForAsync();
        (await page.EvaluateAsync<bool>("id => document.getElementById(`g-${id}`).contains(document.activeElement)", task.Id)).ShouldBeTrue();
        await card.GetByRole(AriaRole.Button, new() { Name = "Retry" }).PressAsync("Enter");
        await card.GetByText("Queued", new() { Exact = true }).WaitForAsync();
        (await _worker.TakeAsync()).ShouldBe(task);

        await _worker.TellAsync(task, GenerationEventType.Started);
        await card.GetByText("Loading the model").WaitForAsync();
        (await card.Locator(".preview").IsVisibleAsync()).ShouldBeFalse();
        await _worker.TellAsync(task, GenerationEventType.Step, step: 1);
        await card.GetByText("step 1 of 12").WaitForAsync();
        await _worker.TellAsync(task, GenerationEventType.Step, step: 2, preview: WorkerRole.Png);
        await page.WaitForFunctionAsync(
            "id => document.querySelector(`#g-${id} .preview`).naturalWidth > 0", task.Id);
        (await card.Locator(".preview").IsVisibleAsync()).ShouldBeTrue();

        await _worker.BuryAsync(task, "The model has no frogs.");
        await card.GetByText("The model has no frogs.").WaitForAsync();
        await card.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await card.GetByText("Queued", new() { Exact = true }).WaitForAsync();
        await _worker.StoreAsync(await _worker.TakeAsync());
        await _worker.TellAsync(task, GenerationEventType.Done);
        await card.Locator(".pictures img").WaitForAsync();
        browser.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_state_has_its_card_on_any_screen()
    {
        var address = webUi.Http.BaseAddress!;
        string[] states = ["queued", "running", "done", "failed", "cancelled"];
        var tasks = new Dictionary<string, GenerationTask>(StringComparer.Ordinal);
        foreach (var state in states)
        {
            await webUi.Http.AskForIdAsync($"a frog that is {state}");
            tasks[state] = await _worker.TakeAsync();
        }
        await _worker.TellAsync(tasks["running"], GenerationEventType.Step, step: 5, preview: WorkerRole.Png);
        await _worker.StoreAsync(tasks["done"]);
        await _worker.TellAsync(tasks["done"], GenerationEventType.Done);
        await _worker.BuryAsync(tasks["failed"], "Painting failed 3 times, at last with: the model has no frogs that are failed.");
        (await webUi.Http.DeleteAsync($"{Api.Generations}/{tasks["cancelled"].Id}")).Dispose();
        foreach (var (state, task) in tasks)
            await webUi.Http.WaitForStatusAsync(task.Id, state);
        await using var browser = await Browser.StartAsync(address);

        foreach (var (width, scheme) in ((int, ColorScheme)[])[
            (1280, ColorScheme.Light), (1280, ColorScheme.Dark), (390, ColorScheme.Light), (390, ColorScheme.Dark)])
        {
            await browser.Page.SetViewportSizeAsync(width, 1200);
            await browser.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await browser.Page.GotoAsync(address.AbsoluteUri);
            foreach (var (state, task) in tasks)
            {
                var card = browser.Page.Locator($"#g-{task.Id}[data-status={state}]");
                await card.ScrollIntoViewIfNeededAsync();
                var button = card.GetByRole(AriaRole.Button);
                (await button.CountAsync()).ShouldBe(state == "done" ? 0 : 1);
                (await card.EvaluateAsync<bool>("card => card.scrollWidth <= card.clientWidth")).ShouldBeTrue($"{state} at {width}");
            }
            await browser.Page.EvaluateAsync("scrollTo(0, document.getElementById('gallery').offsetTop - 20)");
            await browser.ScreenshotAsync($"cards-{width}-{scheme}".ToLowerInvariant());
        }
        browser.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_button_that_comes_too_late_says_so()
    {
        var address = webUi.Http.BaseAddress!;
        await using var browser = await Browser.StartAsync(address);
        var page = browser.Page;
        var id = await webUi.Http.AskForIdAsync("frog");
        await page.GotoAsync(address.AbsoluteUri);
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
