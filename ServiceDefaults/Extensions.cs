using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace SdAspire.ServiceDefaults;

/// <summary>What every service does: telemetry, health, resilience, service discovery.</summary>
public static class Extensions
{
    /// <summary>Every <c>ActivitySource</c> and <c>Meter</c> of the house has a name that matches this.</summary>
    private const string OwnSources = "SdAspire.*";

    /// <summary>The clients of the exporter where the protocol is <c>http/protobuf</c>.</summary>
    private static readonly string[] OtlpClients = ["OtlpTraceExporter", "OtlpMetricExporter", "OtlpLogExporter"];

    private const string HealthPath = "/health";
    private const string AlivePath = "/alive";
    private const string MetricsPath = "/metrics";
    private const string LiveTag = "live";

    /// <summary>Adds telemetry, health checks, resilient HTTP clients and service discovery.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.ConfigureOpenTelemetry();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.AddSingleton<HealthChanges>();
        // It reports each failure at each probe; HealthChanges reports it once.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (ready, with the state of each part in words) and <c>/alive</c> (the process answers),
    /// outside development too and to anybody: the launcher's and the cluster's probes ask them.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(HealthPath, new HealthCheckOptions { ResponseWriter = HealthReportWriter.WriteAsync })
            .AllowAnonymous();
        app.MapHealthChecks(AlivePath, new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(LiveTag),
            ResponseWriter = HealthReportWriter.WriteAsync,
        }).AllowAnonymous();
        return app;
    }

    private static void ConfigureOpenTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(OwnSources))
            .WithTracing(tracing =>
            {
                tracing
                    .AddSource(builder.Environment.ApplicationName, OwnSources, "RabbitMQ.Client.*")
                    .AddProcessor(new MessagingSpanNames())
                    .AddAspNetCoreInstrumentation(options => options.Filter = context =>
                        !context.Request.Path.StartsWithSegments(HealthPath)
                        && !context.Request.Path.StartsWithSegments(AlivePath)
                        && !context.Request.Path.StartsWithSegments(MetricsPath))
                    .AddHttpClientInstrumentation(options =>
                    {
                        options.EnrichWithHttpRequestMessage = (activity, request) =>
                        {
                            if (request.Options.TryGetValue(OutgoingRequest.Target, out var target))
                                activity.DisplayName = $"{request.Method} {target}";
                        };
                        options.EnrichWithHttpResponseMessage = (activity, response) =>
                        {
                            // Asking whether something is there is no failure when it is not.
                            if (response is { StatusCode: HttpStatusCode.NotFound, RequestMessage.Method.Method: "HEAD" })
                                activity.SetStatus(ActivityStatusCode.Unset);
                        };
                    });
                // AppHosts ask for always_on, which would record what a probe causes without the probe.
                if (builder.Configuration["OTEL_TRACES_SAMPLER"] is "always_on")
                    tracing.SetSampler(new ParentBasedSampler(new AlwaysOnSampler()));
            });
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry.UseOtlpExporter();
            // It tries again by itself, and a collector that is away is not worth a stack trace every few seconds.
#pragma warning disable EXTEXP0001 // It may still change; there is no other way to leave a client out of what all have.
            foreach (var client in OtlpClients)
                builder.Services.AddHttpClient(client).RemoveAllResilienceHandlers().RemoveAllLoggers();
#pragma warning restore EXTEXP0001
            builder.Services.AddHostedService<TelemetryShutdown>();
        }
    }
}
