using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>Gives an application its dashboard: a hidden resource, and a service that tells it about the others.</summary>
static partial class DashboardSetup
{
    private const string HealthCheck = $"{DashboardResource.ResourceName}_check";

    public static void Add(IDistributedApplicationBuilder builder, AppHostInfo appHost, DistributedApplicationOptions options)
    {
        var configuration = builder.Configuration;
        if (DashboardConfiguration.IsUnsecured(configuration))
        {
            configuration["AppHost:ResourceService:AuthMode"] = "Unsecured";
        }
        else
        {
            if (string.IsNullOrEmpty(configuration["AppHost:OtlpApiKey"])) configuration["AppHost:OtlpApiKey"] = Token();
            configuration["AppHost:BrowserToken"] =
                DashboardConfiguration.Named(configuration, "DASHBOARD_FRONTEND_BROWSERTOKEN") ?? Token();
            configuration["AppHost:ResourceService:AuthMode"] = "ApiKey";
            configuration["AppHost:ResourceService:ApiKey"] =
                DashboardConfiguration.Named(configuration, "DASHBOARD_RESOURCESERVICE_APIKEY") ?? Token();
        }

        var services = builder.Services;
        services.AddSingleton<ResourceServiceHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ResourceServiceHost>());
        services.AddSingleton<DashboardHealthCheck>();
        services.AddHealthChecks().AddCheck<DashboardHealthCheck>(HealthCheck, HealthStatus.Unhealthy);
        builder.Eventing.Subscribe<BeforeStartEvent>((@event, _) =>
        {
            var resourceService = @event.Services.GetRequiredService<ResourceServiceHost>();
            var dashboard = DashboardResource.Create(configuration, appHost, options, resourceService);
            dashboard.Annotations.Add(new HealthCheckAnnotation(HealthCheck));
            // First, so that it is there when something happens.
            @event.Model.Resources.Insert(0, dashboard);
            return Task.CompletedTask;
        });
        builder.Eventing.Subscribe<ResourceReadyEvent>((@event, _) =>
        {
            if (@event.Resource is DashboardResource dashboard) Announce(dashboard, configuration, @event.Services);
            return Task.CompletedTask;
        });
    }

    private static void Announce(DashboardResource dashboard, IConfiguration configuration, IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILogger<DistributedApplication>>();
        if (configuration["AppHost:BrowserToken"] is { Length: > 0 } token)
            LogLogin(logger, $"{dashboard.Url}/login?t={token}");
        else
            LogListening(logger, dashboard.Url);
    }

    private static string Token() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    [LoggerMessage(Level = LogLevel.Information, Message = "Login to the dashboard at {LoginUrl}")]
    private static partial void LogLogin(ILogger logger, string loginUrl);

    [LoggerMessage(Level = LogLevel.Information, Message = "Now listening on: {DashboardUrl}")]
    private static partial void LogListening(ILogger logger, string dashboardUrl);
}
