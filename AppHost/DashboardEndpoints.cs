using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace SdAspire.AppHost;

/// <summary>Where Aspire's dashboard listens, in Aspire's own configuration keys; a launch profile or the environment may have said.</summary>
static partial class DashboardEndpoints
{
    private const string Frontend = "ASPNETCORE_URLS";
    private const string AllowUnsecuredTransport = "ASPIRE_ALLOW_UNSECURED_TRANSPORT";

    private static readonly string[] Internal =
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"];

    /// <summary>Gives each endpoint that nobody has said an address on this machine.</summary>
    /// <param name="configuration">The AppHost's configuration.</param>
    /// <param name="given">The page's port on the command line: 0 is a free one, and null is for the launch profile to say.</param>
    /// <param name="usual">The page's port when nobody says one.</param>
    public static void SetDashboardEndpoints(this IConfiguration configuration, int? given, int usual)
    {
        if (given is not null || string.IsNullOrEmpty(configuration[Frontend])) configuration[Frontend] = Url(given ?? usual);
        foreach (var key in Internal)
            if (string.IsNullOrEmpty(configuration[key])) configuration[key] = Url(0);
        // In the clear, since https takes a certificate that this machine may not have: but not where others could listen.
        var urls = Internal.Append(Frontend).SelectMany(key => configuration[key]!.Split(';'));
        if (urls.All(url => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.IsLoopback))
            configuration[AllowUnsecuredTransport] ??= "true";
    }

    /// <summary>The address that logs its reader in; null where there is no dashboard.</summary>
    public static string? DashboardLoginUrl(this IConfiguration configuration) =>
        configuration["AppHost:BrowserToken"] is { Length: > 0 } token && configuration[Frontend] is { Length: > 0 } urls
            ? $"{Reachable(urls.Split(';')[0])}/login?t={token}"
            : null;

    // What listens on every address is reached on this machine.
    private static string Reachable(string url) => AnyHost().Replace(url.TrimEnd('/'), "://localhost");

    [GeneratedRegex(@"://(0\.0\.0\.0|\[::\]|\*|\+)(?=:|$)")]
    private static partial Regex AnyHost();

    private static string Url(int port) => $"http://localhost:{(port == 0 ? FreePort() : port)}";

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
