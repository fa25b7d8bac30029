using Microsoft.Playwright;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class BrowserTests(RunningAppHost host)
{
    [Fact]
    public async Task A_typed_prompt_becomes_a_picture_on_the_page_without_a_reload()
    {
        var chromium = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        chromium.ShouldNotBeNull("Chromium is missing: sudo apt-get install chromium");

        var own = host.WebUi.BaseAddress!;
        using var profile = new TemporaryFolder();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchPersistentContextAsync(profile.Path, new()
        {
            ExecutablePath = chromium,
            Headless = true,
            ViewportSize = new() { Width = 1280, Height = 900 },
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        browser.SetDefaultTimeout((float)Eventually.Generous.TotalMilliseconds);
        var page = await browser.NewPageAsync();
        var faults = new List<string>();
        page.Console += (_, message) => { if (message.Type == "error") faults.Add(message.Text); };
        page.PageError += (_, error) => faults.Add(error);
        page.Request += (_, request) => { if (!IsOwn(request.Url)) faults.Add($"asks a stranger: {request.Url}"); };

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

        var screenshot = Path.Combine(Repository.Root, "artifacts/screenshots/painted.png");
        await page.ScreenshotAsync(new() { Path = screenshot });
        new FileInfo(screenshot).Length.ShouldBeGreaterThan(0);
        faults.ShouldBeEmpty();

        bool IsOwn(string url) =>
            new Uri(url) is { Scheme: not ("http" or "https") } || new Uri(url).Authority == own.Authority;
    }
}
