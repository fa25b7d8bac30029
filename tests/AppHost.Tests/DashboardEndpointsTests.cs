using Microsoft.Extensions.Configuration;

namespace SdAspire.AppHost.Tests;

public sealed class DashboardEndpointsTests
{
    private const string Allowed = "ASPIRE_ALLOW_UNSECURED_TRANSPORT";

    [Fact]
    public void What_nobody_said_is_on_this_machine()
    {
        var configuration = Configuration();

        configuration.SetDashboardEndpoints(given: null, usual: 18888);

        configuration["ASPNETCORE_URLS"].ShouldBe("http://localhost:18888");
        configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"].ShouldNotBeNull().ShouldStartWith("http://localhost:");
        configuration[Allowed].ShouldBe("true");
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://0.0.0.0:18888")]
    [InlineData("ASPNETCORE_URLS", "https://localhost:18887;http://192.0.2.7:18888")]
    [InlineData("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://*:18889")]
    public void In_the_clear_where_others_could_listen_is_not_allowed_by_itself(string key, string url)
    {
        var configuration = Configuration((key, url));

        configuration.SetDashboardEndpoints(given: null, usual: 18888);

        configuration[key].ShouldBe(url);
        configuration[Allowed].ShouldBeNull();
    }

    [Fact]
    public void The_command_line_goes_before_the_launch_profile()
    {
        var configuration = Configuration(("ASPNETCORE_URLS", "http://localhost:1"));

        configuration.SetDashboardEndpoints(given: 2, usual: 18888);

        configuration["ASPNETCORE_URLS"].ShouldBe("http://localhost:2");
    }

    [Theory]
    [InlineData("http://localhost:1/;http://localhost:2", "http://localhost:1/login?t=abc")]
    [InlineData("http://0.0.0.0:1", "http://localhost:1/login?t=abc")]
    [InlineData("http://[::]:1", "http://localhost:1/login?t=abc")]
    public void The_login_address_is_one_that_can_be_opened(string urls, string expected) =>
        Configuration(("ASPNETCORE_URLS", urls), ("AppHost:BrowserToken", "abc")).DashboardLoginUrl().ShouldBe(expected);

    [Fact]
    public void Without_a_dashboard_there_is_no_login_address() =>
        Configuration(("ASPNETCORE_URLS", "http://localhost:1")).DashboardLoginUrl().ShouldBeNull();

    private static IConfiguration Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
            .Build();
}
