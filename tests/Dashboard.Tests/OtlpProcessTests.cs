using System.Net;
using System.Net.Sockets;

namespace SdAspire.Dashboard.Tests;

/// <summary>The built program, as an AppHost starts it.</summary>
public sealed class OtlpProcessTests
{
    private static readonly Dictionary<string, string> Valid = new()
    {
        ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{ChildProcess.FreePort()}",
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://127.0.0.1:{ChildProcess.FreePort()}",
        ["Dashboard__Otlp__PrimaryApiKey"] = "a-key-that-nothing-may-repeat",
        ["Dashboard__Frontend__BrowserToken"] = "a-token-that-nothing-may-repeat",
    };

    [Theory]
    [InlineData("Dashboard__Otlp__PrimaryApiKey", "", "Dashboard__Otlp__PrimaryApiKey")]
    [InlineData("Dashboard__Otlp__AuthMode", "Sometimes", "AuthMode")]
    [InlineData("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "nowhere", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL")]
    [InlineData("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "nowhere", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL")]
    [InlineData("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://127.0.0.1:1", "Dashboard__ResourceServiceClient__ApiKey")]
    [InlineData("Dashboard__TelemetryLimits__MaxLogCount", "0", "MaxLogCount")]
    [InlineData("Dashboard__TelemetryLimits__MaxLogCount", "many", "MaxLogCount")]
    [InlineData("ASPNETCORE_URLS", "nowhere", "nowhere")]
    public async Task A_wrong_configuration_is_one_line_that_names_it(string variable, string value, string named)
    {
        await using var dashboard = Start(new(Valid) { [variable] = value });
        (await dashboard.WaitForExitAsync(Eventually.Generous)).ShouldBe(2);
        dashboard.Output.ShouldHaveSingleItem().ShouldContain(named);
        dashboard.Output[0].ShouldNotContain("may-repeat");
    }

    [Fact]
    public async Task An_address_that_is_taken_is_one_line_that_names_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        await using var dashboard = Start(new(Valid) { ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = url });
        (await dashboard.WaitForExitAsync(Eventually.Generous)).ShouldBe(1);
        dashboard.Output.ShouldHaveSingleItem().ShouldContain(url);
    }

    private static ChildProcess Start(Dictionary<string, string> environment) =>
        ChildProcess.Start("dotnet", [Repository.Program("Dashboard")], environment);
}
