using Microsoft.Playwright;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using static Microsoft.Playwright.Assertions;

namespace SdAspire.WebUi.Tests;

/// <summary>The large view.</summary>
public sealed partial class BrowserTests
{
    [Fact]
    public async Task The_large_view_has_all_that_is_known_and_is_left_by_keys()
    {
        var older = await PaintedAsync("an older frog");
        var task = await PaintedAsync("a frog to look at", 2);
        var newer = await PaintedAsync("a newer frog");
        await using var window = await OpenAsync(new() { Permissions = ["clipboard-read", "clipboard-write"] });
        var page = window.Page;

        // By keyboard alone.
        await Card(page, task).Locator(".pictures a").First.PressAsync("Enter");
        await page.WaitForURLAsync($"**/generations/{task.Id}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("a frog to look at");
        await Expect(page.Locator(".large img")).ToHaveCountAsync(2);
        await SeenAsync(page.Locator(".large img").Nth(1));
        foreach (var fact in (string[])[
            "Modelsmall", "Size64 × 64", "Samplerddim, 12 steps", "Guidance scale3", $"Seed{task.Seed}", "Painted in1.3 s",
            "Bytest (cuda)", $"Id{task.Id}"])
        {
            await Expect(page.Locator(".facts-list div").Filter(new() { HasText = fact })).ToHaveCountAsync(1);
        }
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy prompt" }).ClickAsync();
        await Expect(page.Locator("#live")).ToHaveTextAsync("The prompt was copied.");
        (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).ShouldBe("a frog to look at");

        await page.Keyboard.PressAsync("ArrowRight");
        await page.WaitForURLAsync($"**/generations/{older.Id}");
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.WaitForURLAsync($"**/generations/{task.Id}");
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.WaitForURLAsync($"**/generations/{newer.Id}");
        await page.Keyboard.PressAsync("Escape");
        await page.WaitForURLAsync(house.Http.BaseAddress!.AbsoluteUri);
        window.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_picture_is_downloaded_varied_and_painted_again_from_the_large_view()
    {
        var task = await PaintedAsync("a frog, to begin with", 2);
        await using var window = await OpenAsync(path: $"generations/{task.Id}");
        var page = window.Page;

        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = $"Download PNG, seed {task.Seed + 1}" }).ClickAsync());
        download.SuggestedFilename.ShouldBe($"a-frog--to-begin-with-{task.Seed + 1}.png");
        (await File.ReadAllBytesAsync(await download.PathAsync())).ShouldBe(WorkerRole.Png);

        await page.GetByRole(AriaRole.Link, new() { Name = $"Vary the picture with seed {task.Seed + 1}" }).ClickAsync();
        await Expect(page.Locator("#ask").GetByLabel("Lock")).ToBeCheckedAsync();
        await page.FillAsync("#prompt", "a frog, changed");
        await page.ClickAsync("#paint");
        var varied = await _worker.TakeAsync();
        varied.ShouldBe(task with
        {
            Id = varied.Id, CreatedAt = varied.CreatedAt, Prompt = "a frog, changed", Count = 1, Seed = task.Seed + 1,
            Client = "web",
        });

        await page.GotoAsync(house.Http.BaseAddress + $"generations/{task.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Again with a new seed" }).ClickAsync();
        var again = await _worker.TakeAsync();
        again.Seed.ShouldNotBe(task.Seed);
        again.ShouldBe(task with { Id = again.Id, CreatedAt = again.CreatedAt, Seed = again.Seed });
        await page.WaitForURLAsync($"**/generations/{again.Id}");
        await FinishAsync(again);
        await SeenAsync(page.Locator(".large img").First);
        window.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_large_view_shows_how_far_it_is_and_is_where_it_is_given_up_and_tried_again()
    {
        var before = await PaintedAsync("a frog whose time is known");
        var task = await AskAsync("a frog in progress");
        await using var window = await OpenAsync(path: $"generations/{task.Id}");
        var page = window.Page;
        await page.EvaluateAsync("window.sameDocument = true");

        await Expect(page.Locator(".place")).ToContainTextAsync("in line, about ");
        await _worker.TellAsync(task, GenerationEventType.Step, step: 3, preview: WorkerRole.Png);
        await page.GetByText("step 3 of 12").WaitForAsync();
        await Expect(page.Locator(".place")).ToContainTextAsync("s to go");
        await _worker.TellAsync(task, GenerationEventType.Step, step: 9, preview: WorkerRole.Png);
        await page.GetByText("step 9 of 12").WaitForAsync();
        await SeenAsync(page.Locator(".preview"));
        await Expect(page.Locator("progress")).ToHaveJSPropertyAsync("value", 9);
        await _worker.BuryAsync(task, "The model has no frogs.");
        await Expect(page.Locator(".reason")).ToHaveTextAsync("The model has no frogs.");
        (await page.EvaluateAsync<bool>("window.sameDocument")).ShouldBeTrue("the page was loaded again");

        await page.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        (await _worker.TakeAsync()).ShouldBe(task);
        await page.EvaluateAsync("window.sameDocument = true");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        // The news may be faster than the answer to the button.
        await page.WaitForFunctionAsync("window.sameDocument === undefined && document.readyState === 'complete'");
        await page.GetByText("Cancelled", new() { Exact = true }).WaitForAsync();
        page.Url.ShouldEndWith($"/generations/{task.Id}");
        // What others delete does not stay before one's eyes.
        (await house.Http.DeleteAsync($"{Api.Generations}/{task.Id}")).Dispose();
        await page.WaitForURLAsync(house.Http.BaseAddress!.AbsoluteUri);
        await Card(page, before).WaitForAsync();
        window.Faults.ShouldBeEmpty();
    }
}
