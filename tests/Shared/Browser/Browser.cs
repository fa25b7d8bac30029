using Microsoft.Playwright;

namespace SdAspire.Tests.Shared;

/// <summary>A headless Chromium with one window to begin with.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _chromium;
    private readonly Uri _own;
    private BrowserWindow? _first;

    private Browser(IPlaywright playwright, IBrowser chromium, Uri own) => (_playwright, _chromium, _own) = (playwright, chromium, own);

    public IPage Page => _first!.Page;

    /// <inheritdoc cref="BrowserWindow.Faults"/>
    public IReadOnlyList<string> Faults => _first!.Faults;

    /// <param name="own">The only server that the pages may ask.</param>
    public static async Task<Browser> StartAsync(Uri own)
    {
        var browser = await StartEmptyAsync(own);
        browser._first = await browser.OpenAsync();
        return browser;
    }

    /// <summary>Without a window.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public static async Task<Browser> StartEmptyAsync(Uri own)
    {
        var chromium = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        chromium.ShouldNotBeNull("Chromium is missing: sudo apt-get install chromium");
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        }), own);
    }

    /// <summary>Opens a window that shares nothing with the others, as another browser would be.</summary>
    public async Task<BrowserWindow> OpenAsync(BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.ViewportSize ??= new() { Width = 1280, Height = 900 };
        var context = await _chromium.NewContextAsync(options);
        context.SetDefaultTimeout((float)Eventually.Generous.TotalMilliseconds);
        return new(context, await context.NewPageAsync(), _own);
    }

    /// <inheritdoc cref="BrowserWindow.ScreenshotAsync"/>
    public Task ScreenshotAsync(string name) => _first!.ScreenshotAsync(name);

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>A window with one page, which knows what went wrong on it.</summary>
internal sealed class BrowserWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    public BrowserWindow(IBrowserContext context, IPage page, Uri own)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) => { if (message.Type == "error") _faults.Add(message.Text); };
        page.PageError += (_, error) => _faults.Add(error);
        page.Request += (_, request) => { if (!IsOwn(request.Url)) _faults.Add($"asks a stranger: {request.Url}"); };

        bool IsOwn(string url) =>
            new Uri(url) is { Scheme: not ("http" or "https" or "ws" or "wss") } || new Uri(url).Authority == own.Authority;
    }

    public IPage Page { get; }

    /// <summary>Errors on the console, and requests to any other server.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Keeps what is to be seen now as <c>artifacts/screenshots/NAME.png</c>.</summary>
    public Task ScreenshotAsync(string name) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "artifacts", "screenshots", $"{name}.png") });

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
