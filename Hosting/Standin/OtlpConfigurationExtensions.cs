using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Tells resources where to send telemetry.</summary>
public static class OtlpConfigurationExtensions
{
    /// <summary>
    /// Tells the resource to send telemetry to the dashboard, or to <c>ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL</c> where there is
    /// none. Without either, nothing listens and nothing is set.
    /// </summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment
    {
        AddOtlpEnvironment(builder.Resource, builder.ApplicationBuilder.Configuration, builder.ApplicationBuilder.Environment);
        return builder;
    }

    /// <summary>As <see cref="WithOtlpExporter{T}(IResourceBuilder{T})"/>, with that protocol.</summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder, OtlpProtocol protocol)
        where T : IResourceWithEnvironment
    {
        AddOtlpEnvironment(builder.Resource, builder.ApplicationBuilder.Configuration, builder.ApplicationBuilder.Environment, protocol);
        return builder;
    }

    /// <summary>Tells the resource to send telemetry.</summary>
    public static void AddOtlpEnvironment(IResource resource, IConfiguration configuration, IHostEnvironment environment) =>
        Add(resource, configuration, environment, protocol: null);

    /// <summary>Tells the resource to send telemetry by that protocol.</summary>
    public static void AddOtlpEnvironment(
        IResource resource, IConfiguration configuration, IHostEnvironment environment, OtlpProtocol protocol) =>
        Add(resource, configuration, environment, protocol);

    /// <summary>Tells the resource to send telemetry there, if it sends any.</summary>
    internal static void SendTo(IResource resource, EndpointReference endpoint)
    {
        if (!resource.Annotations.OfType<OtlpExporterAnnotation>().Any()) return;
        resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            context.EnvironmentVariables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
            context.EnvironmentVariables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
            context.EnvironmentVariables["OTEL_SERVICE_NAME"] = resource.Name;
        }));
    }

    private static void Add(IResource resource, IConfiguration configuration, IHostEnvironment environment, OtlpProtocol? protocol)
    {
        ArgumentNullException.ThrowIfNull(resource);
        resource.Annotations.Add(new OtlpExporterAnnotation());
        // The same whenever the resource starts: it is one instance to whoever looks at its telemetry.
        var instance = $"{resource.Name}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        resource.Annotations.Add(new EnvironmentCallbackAnnotation(context =>
        {
            if (context.ExecutionContext.IsPublishMode
                || Endpoint(context.ExecutionContext, configuration, protocol) is not (var url, var name)) return;
            var variables = context.EnvironmentVariables;
            if (Dashboard(context.ExecutionContext)?.Trust is { } trust) variables.TryAdd(trust.Name, trust.Value);
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = url;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = name;
            variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance}";
            variables["OTEL_SERVICE_NAME"] = resource.Name;
            if (configuration["AppHost:OtlpApiKey"] is { } key) variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
            if (!environment.IsDevelopment()) return;

            // What happens is to be seen at once and in full.
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            variables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true";
        }));
    }

    private static DashboardResource? Dashboard(DistributedApplicationExecutionContext context) =>
        context.Services?.GetService<DistributedApplicationModel>()?.Resources.OfType<DashboardResource>().FirstOrDefault();

    private static (object Url, string Protocol)? Endpoint(
        DistributedApplicationExecutionContext context, IConfiguration configuration, OtlpProtocol? protocol)
    {
        var dashboard = Dashboard(context);
        var grpc = Find(DashboardResource.OtlpGrpc, "DASHBOARD_OTLP_ENDPOINT_URL");
        var http = Find(DashboardResource.OtlpHttp, "DASHBOARD_OTLP_HTTP_ENDPOINT_URL");
        return protocol switch
        {
            OtlpProtocol.Grpc when grpc is not null => (grpc, "grpc"),
            OtlpProtocol.HttpProtobuf when http is not null => (http, "http/protobuf"),
            OtlpProtocol.HttpJson when http is not null => (http, "http/json"),
            null when grpc is not null => (grpc, "grpc"),
            null when http is not null => (http, "http/protobuf"),
            _ => null,
        };

        object? Find(string endpoint, string setting) =>
            dashboard is null ? DashboardConfiguration.Named(configuration, setting)
            : dashboard.GetEndpoint(endpoint) is { Exists: true } reference ? reference
            : null;
    }
}

/// <summary>How telemetry is sent.</summary>
public enum OtlpProtocol
{
    /// <summary>Protobuf over gRPC.</summary>
    Grpc = 0,

    /// <summary>Protobuf over HTTP.</summary>
    HttpProtobuf = 1,

    /// <summary>JSON over HTTP.</summary>
    HttpJson = 2,
}
