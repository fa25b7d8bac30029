using Microsoft.Extensions.Options;
using SdAspire.Hosting.Dashboard.Otlp;

namespace SdAspire.Hosting.Dashboard.Resources;

/// <summary>
/// Where the AppHost tells of its resources: the configuration section <c>Dashboard:ResourceServiceClient</c>, and
/// <c>ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL</c>.
/// </summary>
public sealed class ResourceServiceOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Dashboard:ResourceServiceClient";

    /// <summary>The address; without one this dashboard shows telemetry alone.</summary>
    public string? Url { get; set; }

    /// <summary>Whether the AppHost asks for a key.</summary>
    public KeyAuthMode AuthMode { get; set; } = KeyAuthMode.ApiKey;

    /// <summary>The key.</summary>
    public string? ApiKey { get; set; }
}

/// <summary>Takes the address from the name that an AppHost uses.</summary>
internal sealed class ResourceServiceOptionsSetup(IConfiguration configuration) : IPostConfigureOptions<ResourceServiceOptions>
{
    public void PostConfigure(string? name, ResourceServiceOptions options) =>
        options.Url = configuration.GetAspireValue("RESOURCE_SERVICE_ENDPOINT_URL") ?? options.Url;
}

/// <summary>Checks the options at start. No message repeats a key.</summary>
internal sealed class ResourceServiceOptionsValidator : IValidateOptions<ResourceServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, ResourceServiceOptions options)
    {
        if (string.IsNullOrEmpty(options.Url)) return ValidateOptionsResult.Success;
        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return ValidateOptionsResult.Fail($"ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL is no address: {options.Url}");
        return options.AuthMode == KeyAuthMode.ApiKey && string.IsNullOrEmpty(options.ApiKey)
            ? ValidateOptionsResult.Fail("Dashboard__ResourceServiceClient__ApiKey is missing "
                + "(or set Dashboard__ResourceServiceClient__AuthMode to Unsecured)")
            : ValidateOptionsResult.Success;
    }
}
