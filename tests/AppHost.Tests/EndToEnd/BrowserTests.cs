using Microsoft.Playwright;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class BrowserTests(RunningAppHost host)
{
    [Fact]
    public async Task A_typed_prompt_becomes_a_picture_on_the_page_without_a_reload()
    {
        var own = host.WebUi.BaseAddress!;
        await using var browser = await Browser.StartAsync(own);
        var page = browser.Page;

        await page.GotoAsync(own.ToString());
        await page.EvaluateAsync("window.sameDocument = true");
        var prompt = $"a heart for the browser, {Guid.NewGuid():N}";
        await page.GetByLabel("Prompt", new() { Exact = true }).FillAsync(prompt);
        await page.GetByRole(AriaRole.Button, new() { Name = "Paint", Exact = true }).ClickAsync();

        var picture = page.GetByAltText(prompt);
        await picture.WaitForAsync();
        await page.WaitForFunctionAsync("image => image.complete && image.naturalWidth > 0", await picture.ElementHandleAsync());
        (await page.EvaluateAsync<bool>("window.sameDocument === true")).ShouldBeTrue("the page was loaded again");
        (await picture.EvaluateAsync<int>("image => image.naturalWidth")).ShouldBeGreaterThan(0);
        await browser.ScreenshotAsync("painted");
        browser.Faults.ShouldBeEmpty();
    }
}
