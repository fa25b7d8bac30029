using System.Globalization;
using Microsoft.Playwright;
using SdAspire.Dashboard.Tests.Browser;

[assembly: AssemblyFixture(typeof(DashboardFixture))]

namespace SdAspire.Dashboard.Tests.Browser;

/// <summary>The dashboard as a process of its own, started as an AppHost starts it, with a real browser in front of it.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    public const string Token = "token-of-the-tests-0123456789";

    private const string OtlpKey = "otlp-key-of-the-tests";

    private readonly string _otlp = Url();
    private readonly CancellationTokenSource _leaving = new();
    private Task _measuring = Task.CompletedTask;
    private ChildProcess? _dashboard;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public string Address { get; } = Url();

    /// <summary>Whether services send to it; their meters would be mixed up with those of another fixture.</summary>
    internal bool HasTelemetry { get; init; } = true;

    internal ResourceServer Resources { get; private set; } = null!;

    internal Senders Senders { get; private set; } = null!;

    /// <summary>A trace through four services.</summary>
    internal string TraceId { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Resources = await ResourceServer.StartAsync();
        Scene.Fill(Resources);
        _dashboard = ChildProcess.Start("dotnet", [Path.Combine(Repository.Root, "artifacts/bin/Dashboard/debug/Dashboard.dll")],
            new Dictionary<string, string>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["ASPNETCORE_URLS"] = Address,
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = _otlp,
                ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = Resources.Url,
                ["Dashboard__Frontend__AuthMode"] = "BrowserToken",
                ["Dashboard__Frontend__BrowserToken"] = Token,
                ["Dashboard__Otlp__AuthMode"] = "ApiKey",
                ["Dashboard__Otlp__PrimaryApiKey"] = OtlpKey,
                ["Dashboard__ResourceServiceClient__AuthMode"] = "ApiKey",
                ["Dashboard__ResourceServiceClient__ApiKey"] = ResourceServer.Key,
            });
        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () => _dashboard.HasExited || await AnswersAsync(client), Eventually.Generous,
            () => $"The dashboard did not start:\n{string.Join('\n', _dashboard.Output)}");
        _dashboard.HasExited.ShouldBeFalse(string.Join('\n', _dashboard.Output));

        if (HasTelemetry)
        {
            Senders = new Senders(_otlp, OtlpKey);
            FillTelemetry();
        }

        string[] browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        var chromium = browsers.FirstOrDefault(File.Exists);
        chromium.ShouldNotBeNull("Chromium is missing: sudo apt-get install chromium");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    /// <summary>A browser of one's own that has logged in, and that notes whatever goes wrong in it.</summary>
    internal async Task<Visitor> VisitAsync(int width = 1280, int height = 860, string theme = "light", bool logsIn = true)
    {
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout((float)Eventually.Generous.TotalMilliseconds / 12);
        var visitor = new Visitor(context, await context.NewPageAsync(), Address);
        if (logsIn)
            await visitor.Page.GotoAsync($"{Address}/login?t={Token}");
        return visitor;
    }

    /// <summary>Ends the dashboard while somebody still looks at it.</summary>
    internal Task StopDashboardAsync() => _dashboard!.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _measuring;
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        Senders?.Dispose();
        if (_dashboard is not null)
            await _dashboard.DisposeAsync();
        if (Resources is not null)
            await Resources.DisposeAsync();
        _leaving.Dispose();
    }

    private void FillTelemetry()
    {
        var now = DateTimeOffset.UtcNow;
        for (var i = 0; i < 30; i++)
            Senders.Paint($"a red heart, number {i}", now.AddSeconds(-300 + i * 9), fails: i % 11 == 5,
                pace: 0.8 + i * 7 % 10 / 8.0);
        TraceId = Senders.Paint($"a heart named {Scene.HostileName}", now.AddSeconds(-4));

        _measuring = Task.Run(() => MeasureAsync(_leaving.Token));
    }

    /// <summary>Goes on as a service does, so that there is a line to see.</summary>
    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var meter = Senders["webui"].Meter;
        var accepted = meter.CreateCounter<long>("generations.accepted", "{request}", "Prompts that were accepted");
        var duration = meter.CreateHistogram<double>("http.server.request.duration", "s", "Duration of HTTP requests");
        meter.CreateObservableGauge<long>("process.memory.usage", () => 120_000_000 + Random.Shared.Next(9_000_000), "By",
            "Memory in use");
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do
        {
            for (var i = 0; i < 12 + Random.Shared.Next(10); i++)
            {
                accepted.Add(1, new KeyValuePair<string, object?>("model", i % 3 == 0 ? "tiny" : "fluent-small-64"));
                var route = i % 2 == 0 ? "/api/generations" : "/";
                var seconds = 0.004 + i * i * 0.0009 * Random.Shared.NextDouble();
                duration.Record(seconds, KeyValuePair.Create("http.route", (object?)route));
            }
            Senders.Flush();
        }
        while (!cancellationToken.IsCancellationRequested && await NextAsync());

        async Task<bool> NextAsync()
        {
            try
            {
                return await timer.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    private async Task<bool> AnswersAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync(Address + "/login")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Url() => $"http://127.0.0.1:{ChildProcess.FreePort().ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>Somebody in front of the dashboard.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly string _address;

    public Visitor(IBrowserContext context, IPage page, string address)
    {
        (_context, Page, _address) = (context, page, address);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                Faults.Add(message.Text);
        };
        page.PageError += (_, error) => Faults.Add(error);
        page.Dialog += async (_, dialog) =>
        {
            Faults.Add($"a script ran: {dialog.Message}");
            await dialog.DismissAsync();
        };
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" or "ws" or "wss" } url
                && url.Authority != new Uri(address).Authority)
                Faults.Add($"asks a stranger: {request.Url}");
        };
    }

    public IPage Page { get; }

    public List<string> Faults { get; } = [];

    public async Task GoAsync(string path, string until)
    {
        await Page.GotoAsync(_address + path);
        await Page.Locator(until).First.WaitForAsync();
    }

    /// <summary>Whether the page is wider than the window.</summary>
    public Task<bool> OverflowsAsync() => Page.EvaluateAsync<bool>(
        "[document.documentElement, document.querySelector('main')].some(one => one.scrollWidth > one.clientWidth + 1)");

    public async Task ShotAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is not { Length: > 0 })
            return;
        var folder = Path.Combine(Repository.Root, "artifacts/screenshots/dashboard");
        await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
