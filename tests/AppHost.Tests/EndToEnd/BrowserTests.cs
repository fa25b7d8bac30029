using System.Text;
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

        // In the large view it can be downloaded, with what other programs for Stable Diffusion read of how it was made.
        await picture.ClickAsync();
        var seed = await page.Locator(".large figcaption span").InnerTextAsync();
        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = "Download PNG" }).ClickAsync());
        var png = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(await download.PathAsync()));
        png.ShouldContain($"tEXtparameters\0{prompt}\nSteps: ");
        png.ShouldContain($"Seed: {seed["seed ".Length..]}, Size: ");
        await browser.ScreenshotAsync("large-view");
        browser.Faults.ShouldBeEmpty();
    }
}
