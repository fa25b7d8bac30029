using System.Net;
using System.Net.WebSockets;
using SdAspire.Dashboard.Tests.Browser;

namespace SdAspire.Dashboard.Tests;

public sealed class LoginTests(DashboardFixture dashboard) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        BaseAddress = new Uri(dashboard.Address),
    };

    [Theory]
    [InlineData("/")]
    [InlineData("/consolelogs/resource/webui")]
    [InlineData("/structuredlogs")]
    [InlineData("/traces")]
    [InlineData("/metrics")]
    [InlineData("/no/such/page")]
    public async Task Without_the_token_a_page_leads_to_the_login(string path)
    {
        using var response = await _client.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.AbsolutePath.ShouldBe("/login");
        (await response.Content.ReadAsStringAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_the_token_the_hub_is_closed()
    {
        using var negotiation = await _client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);
        negotiation.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        using var socket = new ClientWebSocket();
        await Should.ThrowAsync<WebSocketException>(
            () => socket.ConnectAsync(new Uri(dashboard.Address.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor"),
                CancellationToken.None));
    }

    [Fact]
    public async Task The_hub_is_closed_to_another_page_that_has_the_cookie()
    {
        using var login = await _client.GetAsync($"/login?t={DashboardFixture.Token}");
        var cookie = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        var hub = new Uri(dashboard.Address.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor");

        using var own = new ClientWebSocket();
        own.Options.SetRequestHeader("Cookie", cookie);
        own.Options.SetRequestHeader("Origin", dashboard.Address);
        await own.ConnectAsync(hub, CancellationToken.None);
        own.State.ShouldBe(WebSocketState.Open);

        using var strange = new ClientWebSocket();
        strange.Options.SetRequestHeader("Cookie", cookie);
        strange.Options.SetRequestHeader("Origin", "http://localhost:8080");
        await Should.ThrowAsync<WebSocketException>(() => strange.ConnectAsync(hub, CancellationToken.None));
    }

    [Fact]
    public async Task The_cookie_is_kept_from_scripts_and_from_other_sites_and_ends_with_the_session()
    {
        using var login = await _client.GetAsync($"/login?t={DashboardFixture.Token}");
        login.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        login.Headers.Location!.OriginalString.ShouldBe("/");
        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly", Case.Insensitive);
        cookie.ShouldContain("samesite=lax", Case.Insensitive);
        cookie.ShouldNotContain("expires", Case.Insensitive);
        cookie.ShouldNotContain(DashboardFixture.Token);
    }

    [Theory]
    [InlineData("https://example.com/")]
    [InlineData("//example.com/")]
    [InlineData("/\\example.com/")]
    [InlineData("/login")]
    public async Task The_login_leads_nowhere_else(string returnUrl)
    {
        using var login = await _client.GetAsync(
            $"/login?t={DashboardFixture.Token}&returnUrl={Uri.EscapeDataString(returnUrl)}");
        login.Headers.Location!.OriginalString.ShouldBe("/");
    }

    [Fact]
    public async Task Headers_keep_the_pages_to_themselves()
    {
        using var response = await _client.GetAsync("/login");
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("script-src 'self';");
        policy.ShouldContain("frame-ancestors 'none'");
        response.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        response.Headers.GetValues("Referrer-Policy").Single().ShouldBe("same-origin");
        response.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task A_name_that_another_site_points_at_this_machine_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/login");
        request.Headers.Host = "dashboard.example.com";
        using var response = await _client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_wrong_token_is_told_and_the_right_one_leads_to_the_page_that_was_asked_for()
    {
        await using var visitor = await dashboard.VisitAsync(logsIn: false);
        await visitor.GoAsync("/traces?errors=true", "#token");
        await visitor.ShotAsync("login-1280-light");
        await visitor.Page.FillAsync("#token", "not the token");
        await visitor.Page.PressAsync("#token", "Enter");
        await visitor.Page.Locator("[role=alert]", new() { HasTextString = "That token is not right" }).WaitForAsync();
        await visitor.ShotAsync("login-wrong-1280-light");

        await visitor.Page.FillAsync("#token", DashboardFixture.Token);
        await visitor.Page.PressAsync("#token", "Enter");
        await visitor.Page.Locator("h1", new() { HasTextString = "Traces" }).WaitForAsync();
        visitor.Page.Url.ShouldEndWith("/traces?errors=true");
    }

    public void Dispose() => _client.Dispose();
}
