using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;

namespace SdAspire.Hosting.Tests.Dashboard;

public sealed class DashboardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Resources_and_browsers_are_led_to_the_dashboard_with_keys_that_no_argument_list_shows()
    {
        await using var builder = await CreateAsync();
        builder.AddProbe("probe", _folder).WithOtlpExporter();
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("aspire-dashboard").WaitAsync(Eventually.Generous);

        var url = app.GetEndpoint("aspire-dashboard", "http");
        var token = builder.Configuration["AppHost:BrowserToken"]!;
        var otlpKey = builder.Configuration["AppHost:OtlpApiKey"]!;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        using (var anonymous = await client.GetAsync(url))
            anonymous.Headers.Location!.ToString().ShouldContain("/login");
        using (var login = await client.GetAsync(new Uri(url, $"/login?t={token}")))
            login.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        using (var known = await client.GetAsync(url)) known.StatusCode.ShouldBe(HttpStatusCode.OK);

        await Eventually.TrueAsync(() => File.Exists(_folder["probe.env"]));
        var environment = File.ReadLines(_folder["probe.env"]).Where(l => l.Contains('=')).Select(l => l.Split('=', 2))
            .DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1]);
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"].ShouldBe(app.GetEndpoint("aspire-dashboard", "otlp-grpc").ToString().TrimEnd('/'));
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"].ShouldBe("grpc");
        environment["OTEL_EXPORTER_OTLP_HEADERS"].ShouldBe($"x-otlp-api-key={otlpKey}");
        environment["OTEL_SERVICE_NAME"].ShouldBe("probe");
        environment["OTEL_RESOURCE_ATTRIBUTES"].ShouldStartWith("service.instance.id=probe-");
        environment.Values.ShouldNotContain(token);

        app.ResourceNotifications.TryGetCurrentState("aspire-dashboard", out var dashboard).ShouldBeTrue();
        dashboard.Snapshot.IsHidden.ShouldBeTrue();
        dashboard.Snapshot.Commands.ShouldBeEmpty();
        var arguments = File.ReadAllText($"/proc/{dashboard.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value}/cmdline");
        foreach (var secret in new[] { token, otlpKey, builder.Configuration["AppHost:ResourceService:ApiKey"]! })
            arguments.ShouldNotContain(secret);
        await app.StopAsync();
    }

    [Fact]
    public async Task Whoever_opens_it_to_all_needs_no_token()
    {
        await using var builder = await CreateAsync("--ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", "true");
        builder.AddProbe("probe", _folder).WithOtlpExporter();
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("aspire-dashboard").WaitAsync(Eventually.Generous);

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        using var page = await client.GetAsync(app.GetEndpoint("aspire-dashboard"));
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        builder.Configuration["AppHost:BrowserToken"].ShouldBeNull();
        await Eventually.TrueAsync(() => File.Exists(_folder["probe.env"]));
        File.ReadAllText(_folder["probe.env"]).ShouldNotContain("OTEL_EXPORTER_OTLP_HEADERS");
        await app.StopAsync();
    }

    [Fact]
    public async Task A_test_has_no_dashboard_and_its_resources_send_nothing()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(["--folder", _folder.Path]);
        builder.AddProbe("probe", _folder).WithOtlpExporter();
        await using var app = await builder.BuildAsync();
        await app.StartAsync();
        await Eventually.TrueAsync(() => File.Exists(_folder["probe.env"]));

        builder.Resources.ShouldNotContain(r => r.Name == "aspire-dashboard");
        File.ReadAllText(_folder["probe.env"]).ShouldNotContain("OTEL_EXPORTER");
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task It_is_announced_with_its_token_and_goes_with_the_host(string signal)
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{ChildProcess.FreePort()}");
        await using var host = StartHost(url, ("ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN", "a-token-of-mine"));

        await host.WaitForLineAsync(l => l.Contains($"Login to the dashboard at {url}/login?t=a-token-of-mine"), Eventually.Generous);
        using (var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", host.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();

        await host.WaitForExitAsync(Eventually.Generous);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                using var answer = await client.GetAsync($"{url}/login");
                return false;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        });
    }

    [Fact]
    public async Task With_the_developer_certificate_it_answers_over_https_and_is_trusted_by_those_who_send_to_it()
    {
        await using (var make = ChildProcess.Start("dotnet", ["dev-certs", "https"], new Dictionary<string, string> { ["HOME"] = _folder.Path }))
            (await make.WaitForExitAsync(Eventually.Generous)).ShouldBe(0);
        var url = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{ChildProcess.FreePort()}");
        await using var host = StartHost(
            url,
            ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", string.Create(CultureInfo.InvariantCulture, $"https://localhost:{ChildProcess.FreePort()}")),
            ("ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN", "a-token-of-mine"));
        await host.WaitForLineAsync(l => l.Contains($"Login to the dashboard at {url}/login?t=a-token-of-mine"), Eventually.Generous);

        var trusted = X509CertificateLoader.LoadCertificateFromFile(_folder["store/certificates/developer.pem"]);
        trusted.HasPrivateKey.ShouldBeFalse();
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new()
            {
                CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted } },
            },
        });
        (await client.GetAsync($"{url}/login?t=a-token-of-mine")).StatusCode.ShouldBe(HttpStatusCode.OK);
        host.Output.ShouldNotContain(l => l.Contains("UntrustedRoot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        (await FailureAsync(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"))).ShouldContain(
            string.Create(CultureInfo.InvariantCulture, $"Port {port} of resource 'aspire-dashboard' is in use"));
    }

    [Theory]
    [InlineData("no url", "is not a URL: write one like http://localhost:18888.")]
    [InlineData("http://0.0.0.0:18888", "use localhost or https, or allow it with ASPIRE_ALLOW_UNSECURED_TRANSPORT=true.")]
    [InlineData("https://localhost:18888", "make one with 'dotnet dev-certs https', or use http.")]
    public async Task An_address_that_would_not_do_is_refused_in_one_line(string url, string remedy)
    {
        var message = await FailureAsync(url);
        message.ShouldContain($"ASPNETCORE_URLS is '{url}'");
        message.ShouldContain(remedy);
    }

    [Theory]
    [InlineData("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL")]
    [InlineData("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL")]
    [InlineData("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL")]
    public async Task Nothing_is_sent_in_the_clear_where_others_could_listen(string setting)
    {
        var message = await FailureAsync("http://localhost:18888", (setting, "http://0.0.0.0:18889"));

        message.ShouldContain($"{setting} is 'http://0.0.0.0:18889', which others could listen to");
        message.ShouldContain("ASPIRE_ALLOW_UNSECURED_TRANSPORT=true");
    }

    private async Task<string> FailureAsync(string url, params (string Name, string Value)[] variables)
    {
        await using var host = StartHost(url, variables);
        (await host.WaitForExitAsync(Eventually.Generous)).ShouldNotBe(0);
        File.Exists(_folder["first.pid"]).ShouldBeFalse();
        return host.Output.Single(l => l.Contains("DistributedApplicationException", StringComparison.Ordinal));
    }

    // Its home is empty, so that there is no certificate in it.
    private ChildProcess StartHost(string url, params (string Name, string Value)[] variables) => ChildProcess.Start(
        "dotnet",
        [Repository.Program("SampleAppHost"), "--folder", _folder.Path, "--dashboard", "true", "--Aspire:Store:Path", _folder["store"]],
        variables.Append(("ASPNETCORE_URLS", url)).Append(("HOME", _folder.Path)).ToDictionary(v => v.Item1, v => v.Item2));

    private Task<IDistributedApplicationTestingBuilder> CreateAsync(params string[] args) =>
        DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(
            ["--folder", _folder.Path, .. args], (options, _) => options.DisableDashboard = false);
}
