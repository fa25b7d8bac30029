using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SdAspire.Hosting.Dashboard.Otlp;
using SdAspire.Hosting.Dashboard.Resources;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard;

/// <summary>The parts of the dashboard that lie behind its pages.</summary>
internal static class DashboardHost
{
    private const string DefaultUrl = "http://localhost:18888";

    /// <summary>Adds the <see cref="TelemetryStore"/>, what receives for it, and all listeners.</summary>
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IValidateOptions<TelemetryLimits>, TelemetryLimitsValidator>();
        services.AddOptions<TelemetryLimits>().BindConfiguration(TelemetryLimits.Section).ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<OtlpOptions>, OtlpOptionsSetup>();
        services.AddSingleton<IValidateOptions<OtlpOptions>, OtlpOptionsValidator>();
        services.AddOptions<OtlpOptions>().BindConfiguration(OtlpOptions.Section).ValidateOnStart();
        services.AddSingleton<TelemetryStore>();
        services.AddSingleton<TelemetryReceiver>();
        services.AddSingleton<ApiKey>();
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = OtlpOptions.MaxRequestBytes);
        builder.Listen();
        return builder;
    }

    /// <summary>Adds the <see cref="ResourceFeed"/>.</summary>
    public static WebApplicationBuilder AddResourceService(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IPostConfigureOptions<ResourceServiceOptions>, ResourceServiceOptionsSetup>();
        services.AddSingleton<IValidateOptions<ResourceServiceOptions>, ResourceServiceOptionsValidator>();
        services.AddOptions<ResourceServiceOptions>().BindConfiguration(ResourceServiceOptions.Section).ValidateOnStart();
        services.AddSingleton<ResourceServiceClient>();
        services.AddSingleton(provider => new ResourceFeed(
            provider.GetRequiredService<ResourceServiceClient>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ResourceFeed>>()));
        services.AddHostedService(provider => provider.GetRequiredService<ResourceFeed>());
        return builder;
    }

    /// <summary>Keeps the listeners apart and maps what receives telemetry. Comes before all other middleware.</summary>
    public static WebApplication MapOtlp(this WebApplication app)
    {
        app.UseMiddleware<ListenerGuard>();
        var grpc = app.MapGroup("").WithMetadata(new ListenerFeature(Listener.OtlpGrpc));
        grpc.MapGrpcService<TraceReceiver>();
        grpc.MapGrpcService<LogsReceiver>();
        grpc.MapGrpcService<MetricsReceiver>();
        var http = app.MapGroup("/v1").WithMetadata(new ListenerFeature(Listener.OtlpHttp));
        http.MapPost("traces", OtlpHttp.TracesAsync);
        http.MapPost("logs", OtlpHttp.LogsAsync);
        http.MapPost("metrics", OtlpHttp.MetricsAsync);
        return app;
    }

    // Kestrel takes addresses either from the configuration or from code: all of them are listened on here.
    private static void Listen(this WebApplicationBuilder builder)
    {
        var urls = builder.Configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } configured ? configured : DefaultUrl;
        builder.Configuration[WebHostDefaults.ServerUrlsKey] = "";
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = OtlpOptions.MaxRequestBytes;
            var otlp = kestrel.ApplicationServices.GetRequiredService<IOptions<OtlpOptions>>().Value;
            foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                Parse(url).Listen(kestrel, Listener.FrontEnd);
            if (otlp.GrpcEndpointUrl is { } grpc) Parse(grpc).Listen(kestrel, Listener.OtlpGrpc);
            if (otlp.HttpEndpointUrl is { } http) Parse(http).Listen(kestrel, Listener.OtlpHttp);
        });
    }

    private static ListenAddress Parse(string url) => ListenAddress.TryParse(url, out var address)
        ? address
        : throw new FormatException($"'{url}' is no address to listen on.");
}
