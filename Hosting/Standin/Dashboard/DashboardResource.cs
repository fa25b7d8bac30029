using System.Globalization;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>The dashboard's process.</summary>
sealed class DashboardResource(string program)
    : ExecutableResource(ResourceName, ResourceLauncher.DotnetHost, Path.GetDirectoryName(program)!)
{
    public const string ResourceName = "aspire-dashboard";
    public const string OtlpGrpc = "otlp-grpc";
    public const string OtlpHttp = "otlp-http";

    private const string DefaultUrl = "http://localhost:18888";

    /// <summary>Where a browser finds it.</summary>
    public string Url => FrontEnds.OrderByDescending(e => e.Scheme, StringComparer.Ordinal).First().Url;

    /// <summary>The variable that makes a program trust the dashboard's certificate.</summary>
    public (string Name, string Value)? Trust { get; private set; }

    private IEnumerable<EndpointReference> FrontEnds =>
        this.GetEndpoints().Where(e => e.EndpointName is not (OtlpGrpc or OtlpHttp));

    public static DashboardResource Create(
        IConfiguration configuration,
        AppHostInfo appHost,
        DistributedApplicationOptions options,
        ResourceServiceHost resourceService)
    {
        if (appHost.DashboardPath is not { } program || !File.Exists(program))
            throw new DistributedApplicationException(
                $"Resource '{ResourceName}' is not built: run 'dotnet build' on the AppHost, or set DisableDashboard.");

        var dashboard = new DashboardResource(program);
        dashboard.Annotations.Add(new HiddenAnnotation());
        var urls = configuration["ASPNETCORE_URLS"] is { Length: > 0 } given ? given : DefaultUrl;
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            dashboard.Listen(null, DashboardConfiguration.Address(configuration, options, "ASPNETCORE_URLS", url));

        // Without any, both; with one, that one.
        var grpc = dashboard.AddOtlp(OtlpGrpc, "DASHBOARD_OTLP_ENDPOINT_URL", configuration, options);
        var http = dashboard.AddOtlp(OtlpHttp, "DASHBOARD_OTLP_HTTP_ENDPOINT_URL", configuration, options);
        if (!grpc && !http)
        {
            dashboard.Listen(OtlpGrpc, null);
            dashboard.Listen(OtlpHttp, null);
        }

        var resourceServiceAddress = configuration[ResourceServiceHost.Setting] is { Length: > 0 } address
            ? DashboardConfiguration.Address(configuration, options, ResourceServiceHost.Setting, address)
            : null;
        if (dashboard.GetEndpoints().Select(e => e.Scheme).Append(resourceServiceAddress?.Scheme).Contains(Uri.UriSchemeHttps))
            dashboard.Trust = DeveloperCertificate.Export(
                Path.Combine(SecretStore.Folder(configuration, appHost.Directory), "certificates"));

        dashboard.Annotations.Add(new CommandLineArgsCallbackAnnotation(context =>
        {
            context.Args.Add(program);
            return Task.CompletedTask;
        }));
        dashboard.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
            dashboard.SetEnvironmentAsync(context, configuration, resourceService)));
        return dashboard;
    }

    private bool AddOtlp(string name, string setting, IConfiguration configuration, DistributedApplicationOptions options)
    {
        if (DashboardConfiguration.Named(configuration, setting) is not { } url) return false;
        Listen(name, DashboardConfiguration.Address(configuration, options, $"ASPIRE_{setting}", url));
        return true;
    }

    private void Listen(string? name, BindingAddress? address) => Annotations.Add(new EndpointAnnotation(
        ProtocolType.Tcp, address?.Scheme ?? "http", transport: name == OtlpGrpc ? "http2" : null, name, port: address?.Port)
    {
        TargetHost = address?.Host ?? "127.0.0.1",
    });

    private async Task SetEnvironmentAsync(
        EnvironmentCallbackContext context, IConfiguration configuration, ResourceServiceHost resourceService)
    {
        var variables = context.EnvironmentVariables;
        foreach (var (name, value) in configuration.AsEnumerable())
            if (value is not null && name.StartsWith("ASPIRE_DASHBOARD_", StringComparison.OrdinalIgnoreCase))
                variables[name] = value;
        // These two go to it under the names below.
        variables.Remove("ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN");
        variables.Remove("ASPIRE_DASHBOARD_RESOURCESERVICE_APIKEY");

        variables["ASPNETCORE_ENVIRONMENT"] = configuration["ASPNETCORE_ENVIRONMENT"] ?? "Production";
        variables["ASPNETCORE_URLS"] = string.Join(';', FrontEnds.Select(ListensOn));
        if (this.GetEndpoint(OtlpGrpc) is { Exists: true } grpc)
            variables["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = ListensOn(grpc);
        if (this.GetEndpoint(OtlpHttp) is { Exists: true } http)
            variables["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"] = ListensOn(http);
        if (Trust is { } trust) variables.TryAdd(trust.Name, trust.Value);
        variables[ResourceServiceHost.Setting] =
            await resourceService.GetUrlAsync(context.CancellationToken).ConfigureAwait(false);
        var isOpen = DashboardConfiguration.IsUnsecured(configuration);
        Authenticate("FRONTEND", "BrowserToken", "BROWSERTOKEN", "AppHost:BrowserToken", isOpen);
        Authenticate("OTLP", "ApiKey", "PRIMARYAPIKEY", "AppHost:OtlpApiKey", isOpen);
        Authenticate(
            "RESOURCESERVICECLIENT", "ApiKey", "APIKEY", "AppHost:ResourceService:ApiKey",
            DashboardConfiguration.IsResourceServiceUnsecured(configuration));
        // What it has to say is on its pages; on the console, only what is wrong.
        variables.TryAdd("LOGGING__LOGLEVEL__DEFAULT", "Warning");
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        variables["LOGGING__CONSOLE__FORMATTEROPTIONS__SINGLELINE"] = "true";

        // A key that is missing opens nothing: the dashboard refuses to start without it.
        void Authenticate(string part, string mode, string keyName, string setting, bool isUnsecured)
        {
            variables[$"DASHBOARD__{part}__AUTHMODE"] = isUnsecured ? "Unsecured" : mode;
            if (configuration[setting] is { Length: > 0 } key) variables[$"DASHBOARD__{part}__{keyName}"] = key;
        }
    }

    private static string ListensOn(EndpointReference endpoint) => string.Create(
        CultureInfo.InvariantCulture, $"{endpoint.Scheme}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Port}");
}
