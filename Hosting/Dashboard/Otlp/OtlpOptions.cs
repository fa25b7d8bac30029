using Microsoft.Extensions.Options;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>
/// Where telemetry is received: the configuration section <c>Dashboard:Otlp</c>, and the addresses under the names that an
/// AppHost uses.
/// </summary>
public sealed class OtlpOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Dashboard:Otlp";

    /// <summary>The largest request, also after it was unpacked.</summary>
    public const int MaxRequestBytes = 4 * 1024 * 1024;

    /// <summary>OTLP over gRPC (<c>ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL</c>); nothing listens where it is not set.</summary>
    public string? GrpcEndpointUrl { get; set; }

    /// <summary>OTLP over HTTP (<c>ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL</c>); nothing listens where it is not set.</summary>
    public string? HttpEndpointUrl { get; set; }

    /// <summary>Who may send.</summary>
    public KeyAuthMode AuthMode { get; set; } = KeyAuthMode.ApiKey;

    /// <summary>The key.</summary>
    public string? PrimaryApiKey { get; set; }

    /// <summary>A second one that is accepted too, while senders change over.</summary>
    public string? SecondaryApiKey { get; set; }
}

/// <summary>Who may come in.</summary>
public enum KeyAuthMode
{
    /// <summary>Who has the key.</summary>
    ApiKey,

    /// <summary>Everybody.</summary>
    Unsecured,
}

/// <summary>Takes the addresses from the names that an AppHost uses.</summary>
internal sealed class OtlpOptionsSetup(IConfiguration configuration) : IPostConfigureOptions<OtlpOptions>
{
    public void PostConfigure(string? name, OtlpOptions options)
    {
        options.GrpcEndpointUrl = configuration.GetAspireValue("DASHBOARD_OTLP_ENDPOINT_URL") ?? options.GrpcEndpointUrl;
        options.HttpEndpointUrl = configuration.GetAspireValue("DASHBOARD_OTLP_HTTP_ENDPOINT_URL") ?? options.HttpEndpointUrl;
    }
}

/// <summary>Checks the options at start. No message repeats a key.</summary>
internal sealed class OtlpOptionsValidator : IValidateOptions<OtlpOptions>
{
    public ValidateOptionsResult Validate(string? name, OtlpOptions options)
    {
        List<string> faults = [];
        CheckUrl("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", options.GrpcEndpointUrl);
        CheckUrl("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", options.HttpEndpointUrl);
        var isUsed = options.GrpcEndpointUrl is not null || options.HttpEndpointUrl is not null;
        if (isUsed && options.AuthMode == KeyAuthMode.ApiKey && string.IsNullOrEmpty(options.PrimaryApiKey))
            faults.Add("Dashboard__Otlp__PrimaryApiKey is missing (or set Dashboard__Otlp__AuthMode to Unsecured)");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(string.Join("; ", faults));

        void CheckUrl(string variable, string? url)
        {
            if (url is not null && !ListenAddress.TryParse(url, out _)) faults.Add($"{variable} is no address: {url}");
        }
    }
}
