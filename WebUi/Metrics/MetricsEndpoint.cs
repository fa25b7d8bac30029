using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry.Metrics;

namespace SdAspire.WebUi.Metrics;

/// <summary>
/// Counts, and serves the figures on a port of their own: there is no login for Prometheus, so that they must not be where the
/// page is, which an ingress shows to everybody.
/// </summary>
internal static class MetricsEndpoint
{
    // Where Kestrel listens if nobody says where.
    private const string DefaultAddress = "http://localhost:5000";

    public static void AddMetrics(this WebApplicationBuilder builder, MetricsOptions options)
    {
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<GenerationMetrics>();
        builder.Services.AddHostedService(services => services.GetRequiredService<GenerationMetrics>());
        builder.Services.AddSingleton<QueueDepths>();
        builder.Services.AddHostedService(services => services.GetRequiredService<QueueDepths>());
        if (options.Port == 0)
            return;
        var addresses = Addresses(builder.Configuration);
        // Said with the rest, so that the host does not warn of two ways to say it.
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, "").UseSetting(WebHostDefaults.HttpsPortsKey, "");
        builder.WebHost.UseUrls([.. addresses, $"http://{HostOf(addresses[0])}:{options.Port}"]);
        builder.Services.AddOpenTelemetry().WithMetrics(metrics =>
            metrics.AddPrometheusExporter(exporter => exporter.ScopeInfoEnabled = false));
    }

    /// <summary>The figures, and nothing else, on their port; nothing of them on the page's.</summary>
    public static void UseMetrics(this WebApplication app)
    {
        var port = app.Services.GetRequiredService<MetricsOptions>().Port;
        if (port == 0)
            return;
        app.MapWhen(context => context.Connection.LocalPort == port, metrics =>
        {
            metrics.Use((context, next) =>
            {
                // An endpoint of the page that routing has found already would be missed at the end of this branch.
                context.SetEndpoint(null);
                context.Features.Get<IHttpMetricsTagsFeature>()?.MetricsDisabled = true;
                return next(context);
            });
            metrics.UseOpenTelemetryPrometheusScrapingEndpoint();
        });
    }

    /// <summary>The addresses of the page as the host reads them; one more of ours would take their place otherwise.</summary>
    private static string[] Addresses(IConfiguration configuration)
    {
        var urls = Split(configuration[WebHostDefaults.ServerUrlsKey]);
        if (urls.Length > 0)
            return urls;
        string[] ports =
        [
            .. Split(configuration[WebHostDefaults.HttpPortsKey]).Select(port => $"http://*:{port}"),
            .. Split(configuration[WebHostDefaults.HttpsPortsKey]).Select(port => $"https://*:{port}"),
        ];
        return ports.Length > 0 ? ports : [DefaultAddress];
    }

    // Whoever reaches the page reaches the figures: nobody but this machine, or in a container whom the network lets through.
    private static string HostOf(string address) =>
        BindingAddress.Parse(address) is { IsUnixPipe: false, IsNamedPipe: false } page ? page.Host : "localhost";

    private static string[] Split(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
