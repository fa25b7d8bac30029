using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>What the configuration says about the dashboard.</summary>
static class DashboardConfiguration
{
    /// <summary>A setting by its name after <c>ASPIRE_</c>, or after <c>DOTNET_</c>, as it was called before.</summary>
    public static string? Named(IConfiguration configuration, string name) =>
        new[] { configuration[$"ASPIRE_{name}"], configuration[$"DOTNET_{name}"] }
            .FirstOrDefault(value => !string.IsNullOrEmpty(value));

    public static bool IsUnsecured(IConfiguration configuration) =>
        bool.TryParse(Named(configuration, "DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"), out var value) && value;

    public static bool IsResourceServiceUnsecured(IConfiguration configuration) =>
        string.Equals(configuration["AppHost:ResourceService:AuthMode"], "Unsecured", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the address that a setting gives, and refuses one that would not do.</summary>
    public static BindingAddress Address(
        IConfiguration configuration, DistributedApplicationOptions options, string setting, string value)
    {
        var address = Parse(setting, value);
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            if (!DeveloperCertificate.Exists())
                throw new DistributedApplicationException(
                    $"{setting} is '{value}', but there is no certificate for https: make one with 'dotnet dev-certs https', "
                    + "or use http.");
        }
        else if (!IsLoopback(address.Host) && !options.AllowUnsecuredTransport && !AllowsUnsecuredTransport(configuration))
        {
            throw new DistributedApplicationException(
                $"{setting} is '{value}', which others could listen to: use localhost or https, "
                + "or allow it with ASPIRE_ALLOW_UNSECURED_TRANSPORT=true.");
        }
        return address;
    }

    private static BindingAddress Parse(string setting, string value)
    {
        try
        {
            var address = BindingAddress.Parse(value);
            if (address is { IsUnixPipe: false, IsNamedPipe: false, Scheme: "http" or "https" }) return address;
        }
        catch (FormatException)
        {
            // Told below.
        }
        throw new DistributedApplicationException(
            $"{setting} is '{value}', which is not a URL: write one like http://localhost:18888.");
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool AllowsUnsecuredTransport(IConfiguration configuration) =>
        bool.TryParse(configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"], out var value) && value;
}
