using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using SdAspire.Tests.Shared;
using SdAspire.WebUi.Access;

namespace SdAspire.WebUi.Tests;

/// <summary>A WebUi with a key and a password.</summary>
public sealed class GuardedWebUi(BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    public const string Key = "key-of-the-tests-0123456789";
    public const string Password = "password of the tests";

    public static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>
    {
        ["Access__ApiKey"] = Key,
        ["Access__Password"] = Password,
        ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true",
    };

    internal WebUiProcess WebUi { get; private set; } = null!;

    public Task<WebUiProcess> StartAnotherAsync() => WebUiProcess.StartAsync(broker.ConnectionString, storage.ConnectionString, Settings);

    public async ValueTask InitializeAsync()
    {
        WebUi = await StartAnotherAsync();
        await Eventually.TrueAsync(async () => (await WebUi.Http.GetAsync("/health")).IsSuccessStatusCode);
    }

    public ValueTask DisposeAsync() => WebUi.DisposeAsync();
}

/// <summary>As much of a browser as a login needs.</summary>
internal sealed partial class Visitor : IDisposable
{
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false };

    public Visitor(Uri address, string? from = null, bool overHttps = false)
    {
        Http = new HttpClient(_handler) { BaseAddress = address };
        if (from is not null)
            Http.DefaultRequestHeaders.Add("X-Forwarded-For", from);
        if (overHttps)
            Http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
    }

    public HttpClient Http { get; }

    public IEnumerable<Cookie> Cookies => _handler.CookieContainer.GetAllCookies();

    public void Take(IEnumerable<Cookie> cookies)
    {
        foreach (var cookie in cookies)
            _handler.CookieContainer.Add(Http.BaseAddress!, new Cookie(cookie.Name, cookie.Value));
    }

    public async Task<HttpResponseMessage> LogInAsync(string password, string? returnUrl = null)
    {
        var page = await Http.GetStringAsync(returnUrl is null ? "/login" : $"/login?returnUrl={Uri.EscapeDataString(returnUrl)}");
        return await SendAsync(page, "/login", ("password", password));
    }

    public async Task<HttpResponseMessage> SendAsync(string page, string path, params (string, string)[] fields)
    {
        var hidden = HiddenFields().Matches(page).Select(field =>
            KeyValuePair.Create(field.Groups[1].Value, WebUtility.HtmlDecode(field.Groups[2].Value))).DistinctBy(field => field.Key);
        return await Http.PostAsync(path, new FormUrlEncodedContent(
            [.. hidden, .. fields.Select(field => KeyValuePair.Create(field.Item1, field.Item2))]));
    }

    public void Dispose() => Http.Dispose();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenFields();
}

[Collection(HouseCollection.Name)]
public sealed class AccessTests(GuardedWebUi guarded, BrokerFixture broker, ObjectStoreFixture storage) : IClassFixture<GuardedWebUi>
{
    private const string Cookie = "sdaspire.webui";

    private Uri Address => guarded.WebUi.Http.BaseAddress!;

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/login")]
    [InlineData("/app.css")]
    [InlineData("/favicon.svg")]
    public async Task Probes_and_the_login_page_are_open(string path)
    {
        using var answer = await guarded.WebUi.Http.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/", "/login")]
    [InlineData("/?prompt=a%20cat", "/login?returnUrl=%2F%3Fprompt%3Da%2520cat")]
    [InlineData("/nothing", "/login?returnUrl=%2Fnothing")]
    [InlineData("/docs", "/login?returnUrl=%2Fdocs")]
    [InlineData("//evil.example", "/login")]
    public async Task Pages_lead_to_the_login(string path, string expected)
    {
        using var answer = await guarded.WebUi.Http.GetAsync(Address.GetLeftPart(UriPartial.Authority) + path);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldBe(expected);
    }

    [Theory]
    [InlineData("GET", "/api/generations")]
    [InlineData("POST", "/api/generations")]
    [InlineData("GET", "/api/generations/01J8ZQ4X7V9T3N2M5K6H8G1F0E")]
    [InlineData("GET", "/api/generations/01J8ZQ4X7V9T3N2M5K6H8G1F0E/events")]
    [InlineData("GET", "/api/images/01J8ZQ4X7V9T3N2M5K6H8G1F0E/0.png")]
    [InlineData("GET", "/api/nothing")]
    [InlineData("GET", "/gallery/events")]
    [InlineData("GET", "/openapi/v1.json")]
    public async Task Programs_are_told_with_a_problem(string method, string path)
    {
        foreach (var authorization in (string?[])[null, "Bearer wrong-key-of-the-tests", "Bearer", "Basic " + GuardedWebUi.Key, GuardedWebUi.Key])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", authorization).ShouldBeTrue();
            using var answer = await guarded.WebUi.Http.SendAsync(request);

            await answer.ShouldBeProblemAsync(401);
            answer.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
        }
    }

    [Fact]
    public async Task The_key_opens_the_API_and_not_the_page()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", GuardedWebUi.Key);

        var id = await http.AskForIdAsync("red heart");
        await worker.StoreAsync(await worker.TakeAsync());
        using var picture = await http.GetAsync($"/api/images/{id}/0.png");
        using var document = await http.GetAsync("/openapi/v1.json");
        using var reference = await http.GetAsync("/docs");
        using var page = await http.GetAsync("/");

        document.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        reference.StatusCode.ShouldBe(HttpStatusCode.OK);
        picture.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Theory]
    [InlineData("/?prompt=a%20cat", "/?prompt=a%20cat")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("/\t/evil.example/", "/")]
    [InlineData("/login", "/")]
    [InlineData("javascript:alert(1)", "/")]
    public async Task After_the_login_it_goes_on_here_and_nowhere_else(string returnUrl, string expected)
    {
        using var visitor = new Visitor(Address, from: "192.0.2." + Random.Shared.Next(1, 255));

        using var answer = await visitor.LogInAsync(GuardedWebUi.Password, returnUrl);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldBe(expected);
        (await visitor.Http.GetStringAsync("/")).ShouldContain("Sign out");
        using var stream = await visitor.Http.GetAsync("/gallery/events", HttpCompletionOption.ResponseHeadersRead);
        stream.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var list = await visitor.Http.GetAsync(Api.Generations);
        list.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_cookie_is_for_this_site_alone_and_secure_where_the_browser_speaks_https(bool overHttps)
    {
        using var visitor = new Visitor(Address, from: "198.51.100.7", overHttps);
        // Over https the container would rightly keep its secure cookies from this plain connection.
        using var page = await visitor.Http.GetAsync("/login");
        var sent = page.Headers.GetValues("Set-Cookie").Single();
        if (overHttps)
            visitor.Take([new Cookie(sent.Split('=')[0], sent.Split(';')[0][(sent.IndexOf('=', StringComparison.Ordinal) + 1)..])]);

        using var answer = await visitor.SendAsync(await page.Content.ReadAsStringAsync(), "/login", ("password", GuardedWebUi.Password));

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith(Cookie, StringComparison.Ordinal));
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=strict");
        foreach (var value in (string[])[cookie, sent])
            value.Contains("; secure", StringComparison.Ordinal).ShouldBe(overHttps);
    }

    [Fact]
    public async Task Who_signs_out_is_out()
    {
        using var visitor = new Visitor(Address, from: "198.51.100.8");
        (await visitor.LogInAsync(GuardedWebUi.Password)).Dispose();

        using var answer = await visitor.SendAsync(await visitor.Http.GetStringAsync("/"), "/logout");

        answer.Headers.Location!.OriginalString.ShouldBe("/login");
        using var page = await visitor.Http.GetAsync("/");
        page.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task A_form_from_another_site_cannot_log_in_or_out()
    {
        using var stranger = new Visitor(Address);
        using var login = await stranger.SendAsync("", "/login", ("password", GuardedWebUi.Password));
        login.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        stranger.Cookies.ShouldNotContain(cookie => cookie.Name == Cookie);

        using var visitor = new Visitor(Address, from: "198.51.100.9");
        (await visitor.LogInAsync(GuardedWebUi.Password)).Dispose();
        (await visitor.SendAsync("", "/logout")).Dispose();
        (await visitor.Http.GetStringAsync("/")).ShouldContain("Sign out");
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_many_are_no_longer_looked_at()
    {
        await using var another = await guarded.StartAnotherAsync();
        var address = another.Http.BaseAddress!;
        using var guesser = new Visitor(address, from: "203.0.113.1");
        for (var attempt = 0; attempt < LoginAttempts.PerMinuteAndClient; attempt++)
        {
            using var wrong = await guesser.LogInAsync($"guess {attempt}");
            wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await wrong.Content.ReadAsStringAsync()).ShouldContain("role=\"alert\"");
        }

        using var late = await guesser.LogInAsync(GuardedWebUi.Password);
        using var other = new Visitor(address, from: "203.0.113.2");
        using var welcome = await other.LogInAsync(GuardedWebUi.Password);

        late.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        late.Headers.RetryAfter.ShouldNotBeNull();
        welcome.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        another.Output.ShouldContain(line => line.Contains("A wrong password came from 203.0.113.1", StringComparison.Ordinal));
        another.Output.ShouldNotContain(line => line.Contains(GuardedWebUi.Password, StringComparison.Ordinal)
            || line.Contains(GuardedWebUi.Key, StringComparison.Ordinal) || line.Contains("guess ", StringComparison.Ordinal));
    }

    [Fact]
    public void All_clients_together_have_a_limit_too()
    {
        using var attempts = new LoginAttempts(new AccessOptions { ApiKey = GuardedWebUi.Key, Password = GuardedWebUi.Password });
        for (var client = 0; client < LoginAttempts.PerMinute; client++)
            attempts.Try("guess", new IPAddress([10, 0, 1, (byte)client])).ShouldBe(LoginOutcome.Wrong);
        attempts.Try(GuardedWebUi.Password, IPAddress.Loopback).ShouldBe(LoginOutcome.TooMany);
    }

    [Fact]
    public void With_IPv6_a_network_is_one_client()
    {
        using var attempts = new LoginAttempts(new AccessOptions { ApiKey = GuardedWebUi.Key, Password = GuardedWebUi.Password });
        for (var client = 0; client < LoginAttempts.PerMinuteAndClient; client++)
            attempts.Try("guess", IPAddress.Parse($"2001:db8::{client}")).ShouldBe(LoginOutcome.Wrong);
        attempts.Try(GuardedWebUi.Password, IPAddress.Parse("2001:db8::ffff")).ShouldBe(LoginOutcome.TooMany);
        attempts.Try(GuardedWebUi.Password, IPAddress.Parse("2001:db8:0:1::1")).ShouldBe(LoginOutcome.Welcome);
    }

    [Fact]
    public async Task A_browser_logs_in_paints_and_signs_out_by_keyboard()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        await using var browser = await Browser.StartAsync(Address);
        var page = browser.Page;
        await page.GotoAsync(new Uri(Address, "/?prompt=frog").AbsoluteUri);
        await browser.ScreenshotAsync("login");
        // The field has the focus already.
        await page.Keyboard.TypeAsync("not this one");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("That is not right.").WaitForAsync();
        await browser.ScreenshotAsync("login-wrong");
        await page.Keyboard.TypeAsync(GuardedWebUi.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => url.EndsWith("/?prompt=frog", StringComparison.Ordinal));
        await page.FocusAsync("#prompt");
        await page.Keyboard.PressAsync("Enter");
        var task = await worker.TakeAsync();
        task.Prompt.ShouldBe("frog");
        await page.Locator($"#g-{task.Id}").WaitForAsync();
        await browser.ScreenshotAsync("signed-in");
        // The answer to the wrong password is the only error that the console may show.
        browser.Faults.ShouldAllBe(fault => fault.Contains("401", StringComparison.Ordinal));

        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Sign out" }).PressAsync("Enter");
        await page.WaitForURLAsync(url => url.EndsWith("/login", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", GuardedWebUi.Password, "Access__ApiKey is not")]
    [InlineData("short-key-01234", GuardedWebUi.Password, "Access__ApiKey is too short")]
    [InlineData(GuardedWebUi.Key, "seven77", "Access__Password is too short")]
    [InlineData(GuardedWebUi.Key + "\n", GuardedWebUi.Password, "Access__ApiKey has characters")]
    [InlineData(GuardedWebUi.Key, GuardedWebUi.Password + "\n", "Access__Password has control characters")]
    public async Task Half_a_lock_or_a_weak_one_is_refused_at_the_start(string key, string password, string expected)
    {
        await using var process = ChildProcess.Start("dotnet", [Repository.Program("WebUi")], new Dictionary<string, string>
        {
            ["ConnectionStrings__messaging"] = broker.ConnectionString,
            ["ConnectionStrings__storage"] = storage.ConnectionString,
            ["Worker__Model"] = Repository.TinyModel,
            ["Access__ApiKey"] = key,
            ["Access__Password"] = password,
        });

        await ShouldRefuseAsync(process, expected, key, password);
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://0.0.0.0:0")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:0;http://[::]:0")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080")]
    [InlineData("Kestrel__Endpoints__Page__Url", "http://*:0")]
    public async Task Without_a_key_nobody_else_can_reach_it_unless_it_is_said_to_be_open(string setting, string value)
    {
        await using var process = ChildProcess.Start("dotnet", [Repository.Program("WebUi")], new Dictionary<string, string>
        {
            ["ConnectionStrings__messaging"] = broker.ConnectionString,
            ["ConnectionStrings__storage"] = storage.ConnectionString,
            ["Worker__Model"] = Repository.TinyModel,
            [setting] = value,
        });
        await ShouldRefuseAsync(process, "open to the network");
    }

    [Fact]
    public async Task It_may_be_said_to_be_open()
    {
        await using var open = await WebUiProcess.StartAsync(broker.ConnectionString, storage.ConnectionString, new Dictionary<string, string>
        {
            ["Access__Open"] = "true", ["Kestrel__Endpoints__Page__Url"] = "http://0.0.0.0:0",
        });
        using var models = await open.Http.GetAsync(new Uri($"http://127.0.0.1:{open.Http.BaseAddress!.Port}/api/models"));
        models.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Any_of_several_keys_opens_the_API_and_the_page()
    {
        const string Second = "another-key-of-the-tests";
        await using var keyed = await WebUiProcess.StartAsync(broker.ConnectionString, storage.ConnectionString, new Dictionary<string, string>
        {
            ["Access__ApiKey"] = GuardedWebUi.Key, ["Access__ApiKeys__0"] = Second,
        });
        foreach (var (key, status) in ((string, HttpStatusCode)[])
            [(GuardedWebUi.Key, HttpStatusCode.OK), (Second, HttpStatusCode.OK), ("wrong-key-of-the-tests", HttpStatusCode.Unauthorized)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/models");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await keyed.Http.SendAsync(request);
            answer.StatusCode.ShouldBe(status);
            using var visitor = new Visitor(keyed.Http.BaseAddress!);
            using var login = await visitor.LogInAsync(key);
            login.StatusCode.ShouldBe(status == HttpStatusCode.OK ? HttpStatusCode.Redirect : status);
        }
        using var health = await keyed.Http.GetAsync("/alive");
        health.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task ShouldRefuseAsync(ChildProcess process, string expected, params string[] secrets)
    {
        (await process.WaitForExitAsync(Eventually.Generous)).ShouldBe(2);
        await Eventually.TrueAsync(() => process.Output.Count > 0);
        var line = process.Output.ShouldHaveSingleItem();
        line.ShouldContain(expected);
        foreach (var secret in secrets)
            (secret.Length > 0 && line.Contains(secret, StringComparison.Ordinal)).ShouldBeFalse();
    }
}
