using Microsoft.Playwright;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using static Microsoft.Playwright.Assertions;

namespace SdAspire.WebUi.Tests;

/// <summary>What people do on the page, in a real browser.</summary>
[Collection(HouseCollection.Name)]
public sealed partial class BrowserTests(PageHouse house) : IClassFixture<PageHouse>, IAsyncLifetime
{
    private WorkerRole _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _worker = await house.StartWorkerAsync();
        await _worker.PurgeDeadLettersAsync();
    }

    /// <summary>Leaves nothing unfinished to the next test.</summary>
    public async ValueTask DisposeAsync()
    {
        while ((await house.Http.GetJsonAsync($"{Api.Generations}?status=queued,running&limit=100")).GetProperty("items") is var left
            && left.GetArrayLength() > 0)
        {
            foreach (var item in left.EnumerateArray())
                (await house.Http.DeleteAsync($"{Api.Generations}/{item.Text("id")}")).Dispose();
        }
        await _worker.DisposeAsync();
    }

    [Fact]
    public async Task A_prompt_goes_with_everything_that_the_form_says()
    {
        await using var window = await OpenAsync();
        var page = window.Page;

        await page.GetByRole(AriaRole.Link, new() { Name = "red heart", Exact = true }).ClickAsync();
        await Expect(page.Locator("#prompt")).ToHaveValueAsync("red heart");
        await page.GetByText("Advanced").ClickAsync();
        await page.Locator("#ask").GetByLabel("Without").FillAsync("blue");
        await page.Locator("#ask").GetByLabel("Steps").FillAsync("7");
        await page.Locator("#ask").GetByLabel("Guidance").FillAsync("2.5");
        await page.Locator("#ask").GetByLabel("Sampler").SelectOptionAsync("euler");
        await page.Locator("#ask").GetByLabel("Width").FillAsync("128");
        await page.Locator("#ask").GetByLabel("Height").FillAsync("64");
        await page.GetByLabel("Seed", new() { Exact = true }).FillAsync("42");
        await page.GetByRole(AriaRole.Radio, new() { Name = "4", Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Paint", Exact = true }).ClickAsync();

        var task = await _worker.TakeAsync();
        (task.Prompt, task.NegativePrompt, task.Steps, task.GuidanceScale, task.Scheduler).ShouldBe(("red heart", "blue", 7, 2.5, "euler"));
        (task.Width, task.Height, task.Seed, task.Count, task.Group).ShouldBe((128, 64, 42, 4, null));
        await Card(page, task).WaitForAsync();
        window.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pictures_in_parallel_are_a_task_each_with_a_common_group()
    {
        await using var window = await OpenAsync();
        var page = window.Page;

        await page.FillAsync("#prompt", "four frogs");
        await page.GetByRole(AriaRole.Radio, new() { Name = "4", Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "in parallel" }).CheckAsync();
        await page.FocusAsync("#prompt");
        await page.Keyboard.PressAsync("Enter");

        var tasks = new List<GenerationTask>();
        while (tasks.Count < 4)
            tasks.Add(await _worker.TakeAsync());
        tasks.ShouldAllBe(task => task.Count == 1 && task.Group != null && task.Group == tasks[0].Group);
        tasks.Select(task => task.Seed).Distinct().Count().ShouldBe(4);
        // Each has its place in the line, and moves up when the one before it is given up.
        foreach (var (n, task) in tasks.OrderBy(task => task.Id, StringComparer.Ordinal).Index())
            await Expect(Card(page, task).Locator(".place")).ToContainTextAsync($"number {n + 1} in line");
        var (first, last) = (tasks.MinBy(task => task.Id, StringComparer.Ordinal)!, tasks.MaxBy(task => task.Id, StringComparer.Ordinal)!);
        await Card(page, first).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(Card(page, last).Locator(".place")).ToContainTextAsync("number 3 in line");
        window.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_seed_is_drawn_anew_unless_it_is_locked()
    {
        await using var window = await OpenAsync();
        var page = window.Page;
        var (seed, locked) = (page.GetByLabel("Seed", new() { Exact = true }), page.Locator("#ask").GetByLabel("Lock"));
        await page.GetByText("Advanced").ClickAsync();

        var drawn = await PaintAsync();
        await Expect(seed).ToHaveValueAsync("");
        // Locked after the fact, the next picture is the one that stays.
        await locked.CheckAsync();
        var kept = await PaintAsync();
        kept.ShouldNotBe(drawn);
        await Expect(seed).ToHaveValueAsync($"{kept}");
        (await PaintAsync()).ShouldBe(kept);
        await page.GetByRole(AriaRole.Button, new() { Name = "Draw a seed" }).ClickAsync();
        var diced = long.Parse(await seed.InputValueAsync(), System.Globalization.CultureInfo.InvariantCulture);
        diced.ShouldNotBe(kept);
        await Expect(locked).ToBeCheckedAsync();
        (await PaintAsync()).ShouldBe(diced);
        await locked.UncheckAsync();
        await Expect(seed).ToHaveValueAsync("");
        (await PaintAsync()).ShouldNotBe(diced);
        window.Faults.ShouldBeEmpty();

        async Task<long> PaintAsync()
        {
            await page.FillAsync("#prompt", "frog");
            await page.RunAndWaitForResponseAsync(
                () => page.ClickAsync("#paint"), answer => answer.Request.Method == "POST" && answer.Ok);
            await Expect(page.Locator("#paint")).ToHaveAttributeAsync("aria-busy", "false");
            return (await _worker.TakeAsync()).Seed;
        }
    }

    [Fact]
    public async Task What_is_refused_is_said_beside_the_form_and_stays_in_it()
    {
        await using var window = await OpenAsync();
        var page = window.Page;
        await page.GetByText("Advanced").ClickAsync();
        await page.FillAsync("#prompt", "frog");
        await page.GetByLabel("Seed", new() { Exact = true }).FillAsync($"{Seeds.Max}");
        await page.GetByRole(AriaRole.Radio, new() { Name = "2", Exact = true }).CheckAsync();

        await page.ClickAsync("#paint");

        await Expect(page.Locator("#errors")).ToContainTextAsync("The field seed leaves no room for 2 pictures");
        await Expect(page.Locator("#prompt")).ToHaveValueAsync("frog");
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task Two_browsers_see_the_same_and_each_may_do_something_about_it()
    {
        await using var one = await OpenAsync();
        await using var other = await OpenAsync();
        await one.Page.FillAsync("#prompt", "a frog for two");
        await one.Page.Keyboard.PressAsync("Enter");
        var task = await _worker.TakeAsync();

        await Card(other.Page, task).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Card(one.Page, task).GetByText("Cancelled", new() { Exact = true }).WaitForAsync();
        await Card(one.Page, task).GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await Card(other.Page, task).GetByText("Queued", new() { Exact = true }).WaitForAsync();
        task = await _worker.TakeAsync();
        await _worker.TellAsync(task, GenerationEventType.Step, step: 3, preview: WorkerRole.Png);
        foreach (var window in (BrowserWindow[])[one, other])
        {
            await Card(window.Page, task).GetByText("step 3 of 12").WaitForAsync();
            await SeenAsync(Card(window.Page, task).Locator(".preview"));
        }
        await FinishAsync(task);
        foreach (var window in (BrowserWindow[])[one, other])
            await SeenAsync(Card(window.Page, task).Locator(".pictures img"));

        // Deleted by one, it is gone for the other.
        await Card(one.Page, task).Locator(".pictures a").ClickAsync();
        await one.Page.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await one.Page.GetByRole(AriaRole.Button, new() { Name = "Delete for good" }).ClickAsync();
        await Expect(Card(other.Page, task)).ToHaveCountAsync(0);
        await Expect(Card(one.Page, task)).ToHaveCountAsync(0);
        one.Faults.ShouldBeEmpty();
        other.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_was_offline_misses_nothing()
    {
        await using var window = await OpenAsync();
        var page = window.Page;
        await page.FillAsync("#prompt", "a frog meanwhile");
        await page.Keyboard.PressAsync("Enter");
        var task = await _worker.TakeAsync();
        await Card(page, task).WaitForAsync();
        // The card may be there before the answer.
        await Expect(page.Locator("#paint")).ToHaveAttributeAsync("aria-busy", "false");

        await page.Context.SetOfflineAsync(true);
        await page.GetByText("The connection was lost.").WaitForAsync();
        await page.FillAsync("#prompt", "a frog that cannot be sent");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("The service cannot be reached; please try again.").WaitForAsync();
        await Expect(page.Locator("#prompt")).ToHaveValueAsync("a frog that cannot be sent");
        await FinishAsync(task);
        var missed = await house.Http.AskForIdAsync("a frog that was missed");
        await page.Context.SetOfflineAsync(false);

        await SeenAsync(Card(page, task).Locator(".pictures img"));
        await page.Locator($"#g-{missed}").WaitForAsync();
        await Expect(page.GetByText("The connection was lost.")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Without_JavaScript_prompts_are_sent_and_pictures_seen_varied_and_deleted()
    {
        await using var window = await OpenAsync(new() { JavaScriptEnabled = false });
        var page = window.Page;

        await page.FillAsync("#prompt", "a frog without script");
        await page.GetByRole(AriaRole.Radio, new() { Name = "2", Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "in parallel" }).CheckAsync();
        await page.ClickAsync("#paint");
        var (first, second) = (await _worker.TakeAsync(), await _worker.TakeAsync());
        second.Group.ShouldBe(first.Group);
        await Expect(page.Locator("[data-figure=queued]")).ToHaveTextAsync("2");
        await Card(page, second).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await FinishAsync(first);

        await house.Http.WaitForStatusAsync(first.Id, "done");
        await page.ReloadAsync();
        await Card(page, first).Locator(".pictures a").ClickAsync();
        await SeenAsync(page.Locator(".large img"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Vary" }).ClickAsync();
        await Expect(page.Locator("#prompt")).ToHaveValueAsync(first.Prompt);
        await Expect(page.Locator("[name=seed]")).ToHaveValueAsync($"{first.Seed}");
        await page.GotoAsync(house.Http.BaseAddress + $"generations/{first.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Again with a new seed" }).ClickAsync();
        var again = await _worker.TakeAsync();
        await page.WaitForURLAsync($"**/generations/{again.Id}");
        await FinishAsync(again);
        await SeenAsync(page.Locator(".large img"));
        await page.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete for good" }).ClickAsync();
        await Card(page, first).WaitForAsync();
        await Expect(Card(page, again)).ToHaveCountAsync(0);
        window.Faults.ShouldBeEmpty();
    }

    private async Task<BrowserWindow> OpenAsync(BrowserNewContextOptions? options = null, string path = "")
    {
        var window = await house.Browser.OpenAsync(options);
        await window.Page.GotoAsync(house.Http.BaseAddress + path);
        return window;
    }

    private static ILocator Card(IPage page, GenerationTask task) => page.Locator($"#g-{task.Id}");

    /// <summary>A task that a prompt became, on its way.</summary>
    private async Task<GenerationTask> AskAsync(string prompt, int count = 1)
    {
        await house.Http.AskForIdAsync(prompt, count);
        return await _worker.TakeAsync();
    }

    private async Task FinishAsync(GenerationTask task)
    {
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
    }

    /// <summary>A task that was painted.</summary>
    private async Task<GenerationTask> PaintedAsync(string prompt, int count = 1)
    {
        var task = await AskAsync(prompt, count);
        await FinishAsync(task);
        await house.Http.WaitForStatusAsync(task.Id, "done");
        return task;
    }

    /// <summary>Waits until the picture is there.</summary>
    private static Task SeenAsync(ILocator image) =>
        Expect(image).ToHaveJSPropertyAsync("naturalWidth", 1);
}
