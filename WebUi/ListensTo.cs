using System.Net;

namespace SdAspire.WebUi;

/// <summary>Who can reach the service at the addresses that are configured.</summary>
internal static class ListensTo
{
    /// <summary>Whether others than this machine can.</summary>
    public static bool Others(IConfiguration configuration) => Urls(configuration).Any(url => !IsOfLoopback(url));

    // In the order in which the server takes them. Without any of them it listens on localhost.
    private static IEnumerable<string> Urls(IConfiguration configuration)
    {
        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().ToArray() is [_, ..] endpoints)
            return endpoints.Select(endpoint => endpoint["Url"] ?? "");
        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
            return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new[] { WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey }
            .Select(key => configuration[key]).Where(ports => !string.IsNullOrWhiteSpace(ports)).Select(_ => "http://*");
    }

    private static bool IsOfLoopback(string url)
    {
        string host;
        try
        {
            host = BindingAddress.Parse(url).Host;
        }
        catch (FormatException)
        {
            // The server says better what is wrong with it, and does not start.
            return true;
        }
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }
}
