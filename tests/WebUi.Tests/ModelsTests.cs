using System.Net;
using System.Net.Http.Json;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>A WebUi that serves two models, each with a queue of its own.</summary>
[Collection(HouseCollection.Name)]
public sealed class ModelsTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private const string LargeQueue = "portraits";

    private WorkerRole _small = null!;
    private WorkerRole _large = null!;
    private WebUiProcess _both = null!;

    public async ValueTask InitializeAsync()
    {
        _small = await WorkerRole.StartAsync(broker, storage);
        _large = await WorkerRole.StartAsync(broker, storage, LargeQueue);
        _both = await webUi.StartAnotherAsync(new Dictionary<string, string>
        {
            ["Models__little__Queue"] = "tasks",
            ["Models__little__Path"] = webUi.Model,
            ["Models__large__Queue"] = LargeQueue,
            ["Models__large__Width"] = "512",
            ["Models__large__Height"] = "768",
            ["Models__large__Steps"] = "30",
            ["Models__large__GuidanceScale"] = "7.5",
            ["Models__large__Scheduler"] = "euler",
            ["Models__large__PixelsPerLatent"] = "8",
            ["DefaultModel"] = "little",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _both.DisposeAsync();
        await _large.DeleteQueueAsync();
        await _large.DisposeAsync();
        await _small.DisposeAsync();
    }

    [Fact]
    public async Task A_request_goes_to_the_queue_of_its_model_with_that_models_defaults()
    {
        using var forLarge = await _both.Http.PostAsJsonAsync(Api.Generations, new { prompt = "a queen", model = "large" });
        using var forAny = await _both.Http.AskAsync("frog");

        forLarge.StatusCode.ShouldBe(HttpStatusCode.Accepted, await forLarge.Content.ReadAsStringAsync());
        forAny.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var large = await _large.TakeAsync();
        (large.Prompt, large.Model).ShouldBe(("a queen", "large"));
        (large.Width, large.Height, large.Steps, large.GuidanceScale, large.Scheduler).ShouldBe((512, 768, 30, 7.5, "euler"));
        var small = await _small.TakeAsync();
        (small.Prompt, small.Model).ShouldBe(("frog", "little"));
        (small.Width, small.Height, small.Steps, small.GuidanceScale, small.Scheduler).ShouldBe((64, 64, 12, 3.0, "ddim"));
    }

    [Theory]
    [InlineData("medium")]
    [InlineData("LARGE")]
    [InlineData("")]
    public async Task An_unknown_model_is_refused_and_the_served_ones_are_named(string name)
    {
        using var answer = await _both.Http.PostAsJsonAsync(Api.Generations, new { prompt = "frog", model = name });

        await answer.ShouldBeProblemAsync(400, "model");
        (await answer.Content.ReadAsStringAsync()).ShouldContain("large, little");
        (await _small.WaitingAsync()).ShouldBe(0u);
        (await _large.WaitingAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task A_size_is_judged_by_the_model_that_is_to_paint_it()
    {
        using var answer = await _both.Http.PostAsJsonAsync(Api.Generations, new { prompt = "a", model = "large", width = 513 });
        await answer.ShouldBeProblemAsync(400, "width");
    }

    [Fact]
    public async Task The_page_offers_the_models_and_its_settings_follow_the_choice()
    {
        await using var browser = await Browser.StartAsync(_both.Http.BaseAddress!);
        var page = browser.Page;
        await page.GotoAsync(_both.Http.BaseAddress!.AbsoluteUri);
        await page.Locator("summary").ClickAsync();
        (await PlaceholdersAsync()).ShouldBe(("12", "3"));
        await browser.ScreenshotAsync("models-little");

        // By keyboard alone.
        await page.GetByLabel("Model", new() { Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("ArrowUp");

        (await page.GetByLabel("Model", new() { Exact = true }).InputValueAsync()).ShouldBe("large");
        (await PlaceholdersAsync()).ShouldBe(("30", "7.5"));
        (await page.Locator("#model-facts").InnerTextAsync()).ShouldBe("large paints 512 × 768 pixels with euler.");
        (await page.Locator(".examples:visible").CountAsync()).ShouldBe(0);
        await browser.ScreenshotAsync("models-large");
        await page.FillAsync("#prompt", "a queen");
        await page.Keyboard.PressAsync("Enter");
        var task = await _large.TakeAsync();
        (task.Model, task.Steps).ShouldBe(("large", 30));

        // What was painted by one is painted again by the same one.
        await _large.StoreAsync(task);
        await _large.TellAsync(task, Generation.GenerationEventType.Done);
        await page.Locator($"#g-{task.Id} .by", new() { HasText = "large" }).WaitForAsync();
        await page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync("little");
        await page.Locator($"#g-{task.Id}").GetByText("Again").ClickAsync();
        (await page.GetByLabel("Model", new() { Exact = true }).InputValueAsync()).ShouldBe("large");
        browser.Faults.ShouldBeEmpty();

        async Task<(string?, string?)> PlaceholdersAsync() =>
            (await page.Locator("#ask").GetByLabel("Steps").GetAttributeAsync("placeholder"), await page.Locator("#ask").GetByLabel("Guidance").GetAttributeAsync("placeholder"));
    }

    [Fact]
    public async Task Where_there_is_one_model_nothing_is_to_be_chosen()
    {
        var page = await webUi.Http.GetStringAsync("/");

        page.ShouldNotContain("id=\"model\"");
        page.ShouldContain($">{WebUiFixture.ModelName}</span>");
    }
}
