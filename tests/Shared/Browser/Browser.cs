using Microsoft.Playwright;

namespace SdAspire.Tests.Shared;

/// <summary>A headless Chromium with a fresh profile and one page, which knows what went wrong on it.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly TemporaryFolder _profile;
    private readonly IPlaywright _playwright;
    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    private Browser(TemporaryFolder profile, IPlaywright playwright, IBrowserContext context, IPage page, Uri own)
    {
        (_profile, _playwright, _context, Page) = (profile, playwright, context, page);
        page.Console += (_, message) => { if (message.Type == "error") _faults.Add(message.Text); };
        page.PageError += (_, error) => _faults.Add(error);
        page.Request += (_, request) => { if (!IsOwn(request.Url)) _faults.Add($"asks a stranger: {request.Url}"); };

        bool IsOwn(string url) =>
            new Uri(url) is { Scheme: not ("http" or "https" or "ws" or "wss") } || new Uri(url).Authority == own.Authority;
    }

    public IPage Page { get; }

    /// <summary>Errors on the console, and requests to any other server.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <param name="own">The only server that the page may ask.</param>
    public static async Task<Browser> StartAsync(Uri own)
    {
        var chromium = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        chromium.ShouldNotBeNull("Chromium is missing: sudo apt-get install chromium");
        var profile = new TemporaryFolder();
        var playwright = await Playwright.CreateAsync();
        var context = await playwright.Chromium.LaunchPersistentContextAsync(profile.Path, new()
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
        context.SetDefaultTimeout((float)Eventually.Generous.TotalMilliseconds);
        return new(profile, playwright, context, await context.NewPageAsync(), own);
    }

    /// <summary>Keeps what is to be seen now as <c>artifacts/screenshots/NAME.png</c>.</summary>
    public Task ScreenshotAsync(string name) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "artifacts", "screenshots", $"{name}.png") });

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        _playwright.Dispose();
        _profile.Dispose();
    }
}
