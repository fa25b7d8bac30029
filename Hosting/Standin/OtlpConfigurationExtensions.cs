using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Tells resources where to send telemetry.</summary>
public static class OtlpConfigurationExtensions
{
    /// <summary>
    /// Tells the resource to send telemetry to <c>ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL</c>. Without that, nothing listens and
    /// nothing is set.
    /// </summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder) where T : IResourceWithEnvironment
    {
        var configuration = builder.ApplicationBuilder.Configuration;
        var environment = builder.ApplicationBuilder.Environment;
        return builder.WithEnvironment(context =>
        {
            if (context.ExecutionContext.IsPublishMode || Endpoint(configuration) is not (var url, var protocol)) return;
            var variables = context.EnvironmentVariables;
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = url;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
            var instance = $"{builder.Resource.Name}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
            variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance}";
            variables["OTEL_SERVICE_NAME"] = builder.Resource.Name;
            if (configuration["AppHost:OtlpApiKey"] is { } key) variables["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-otlp-api-key={key}";
            if (!environment.IsDevelopment()) return;

            // What happens is to be seen at once and in full.
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            variables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true";
        });
    }

    private static (string Url, string Protocol)? Endpoint(IConfiguration configuration)
    {
        if (Named("DASHBOARD_OTLP_ENDPOINT_URL") is { } grpc) return (grpc, "grpc");
        if (Named("DASHBOARD_OTLP_HTTP_ENDPOINT_URL") is { } http) return (http, "http/protobuf");
        return null;

        // The second is the older name.
        string? Named(string name) => new[] { configuration[$"ASPIRE_{name}"], configuration[$"DOTNET_{name}"] }
            .FirstOrDefault(url => !string.IsNullOrEmpty(url));
    }
}
