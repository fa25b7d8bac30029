using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using static Microsoft.Playwright.Assertions;

namespace SdAspire.WebUi.Tests;

/// <summary>The gallery and what the house says of itself.</summary>
public sealed partial class BrowserTests
{
    private const string HeightsOfJobs = "[...document.querySelector('#chart .jobs').points].map(point => point.y)";

    private const int ChartBottom = 58;

    [Fact]
    public async Task The_gallery_goes_on_while_one_scrolls_and_old_cards_stay_up_to_date()
    {
        var oldest = await AskAsync("the oldest frog of many");
        for (var batch = 0; batch < 4; batch++)
            (await house.Http.PostAsJsonAsync(Api.Generations, new { prompt = "one of many", count = 16, parallel = true })).Dispose();
        await using var window = await OpenAsync();
        var page = window.Page;
        var cards = page.Locator("#gallery > li");

        // Further and further, as a wheel does.
        await Eventually.TrueAsync(async () =>
        {
            await cards.Last.ScrollIntoViewIfNeededAsync();
            return await Card(page, oldest).CountAsync() == 1;
        });
        var ids = await cards.EvaluateAllAsync<string[]>("cards => cards.map(card => card.dataset.id)");
        ids.Length.ShouldBeGreaterThan(64);
        ids.ShouldBe(ids.OrderDescending(StringComparer.Ordinal).Distinct());
        await _worker.TellAsync(oldest, GenerationEventType.Step, step: 4);
        await Card(page, oldest).GetByText("step 4 of 12").WaitForAsync();

        // Without script there is a link.
        await using var plain = await OpenAsync(new() { JavaScriptEnabled = false });
        await plain.Page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await Expect(plain.Page.Locator("#gallery > li").First).ToHaveIdAsync($"g-{ids[24]}");
        window.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_gallery_is_searched()
    {
        var green = await PaintedAsync("a green gecko on a leaf");
        var blue = await PaintedAsync("a blue gecko");
        await using var window = await OpenAsync();
        var page = window.Page;
        await Card(page, blue).WaitForAsync();

        await page.GetByLabel("Search the gallery").FillAsync("GECKO green");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#gallery > li")).ToHaveCountAsync(1);
        await Card(page, green).WaitForAsync();
        // What is new comes with the next search, and what is shown stays up to date.
        await AskAsync("a green gecko that is new");
        (await house.Http.DeleteAsync($"{Api.Generations}/{green.Id}")).Dispose();
        await Expect(page.Locator("#gallery > li")).ToHaveCountAsync(0);
        await page.GetByText("No prompt has these words.").WaitForAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Newest" }).ClickAsync();
        await Card(page, blue).WaitForAsync();
        window.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_house_says_how_it_is_and_draws_it()
    {
        var first = await AskAsync("a frog from zero");
        await using var window = await OpenAsync();
        var page = window.Page;
        await FigureAsync("queued", "1");
        await _worker.TellAsync(first, GenerationEventType.Started);
        await FigureAsync("jobs", "1");
        await FigureAsync("queued", "0");
        var second = await AskAsync("a frog that waits");
        await FigureAsync("queued", "1");
        await FinishAsync(first);
        await FigureAsync("jobs", "0");
        await Expect(Figure("picturesPerMinute")).Not.ToHaveTextAsync("0");
        await Expect(Figure("firstPicture")).ToHaveTextAsync(Seconds());
        await Expect(Figure("cost")).ToHaveTextAsync(SomeCost());
        // Up and down again.
        await page.WaitForFunctionAsync($"{HeightsOfJobs}.some(y => y < {ChartBottom}) && {HeightsOfJobs}.at(-1) === {ChartBottom}");

        // Who comes later sees what was before, as soon as it was noted.
        await using var later = await OpenAsync();
        await Eventually.TrueAsync(async () =>
        {
            await later.Page.ReloadAsync();
            await later.Page.WaitForFunctionAsync($"{HeightsOfJobs}.length > 0");
            return await later.Page.EvaluateAsync<bool>($"{HeightsOfJobs}.length >= 4");
        });
        await Expect(later.Page.Locator("#chart")).ToBeVisibleAsync();
        (await house.Http.DeleteAsync($"{Api.Generations}/{second.Id}")).Dispose();
        await FigureAsync("queued", "0");
        window.Faults.ShouldBeEmpty();

        ILocator Figure(string name) => page.Locator($"[data-figure={name}]");

        Task FigureAsync(string name, string value) => Expect(Figure(name)).ToHaveTextAsync(value);
    }

    [GeneratedRegex("^[0-9.]+ s$")]
    private static partial Regex Seconds();

    [GeneratedRegex("^0[.][0-9]*[1-9]")]
    private static partial Regex SomeCost();
}
