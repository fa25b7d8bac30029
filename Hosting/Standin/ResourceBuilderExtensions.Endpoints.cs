using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Adds an endpoint, or changes the one of that name: what is not given stays.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="port">The port that others use; a free one by default.</param>
    /// <param name="targetPort">The port that the resource itself listens on.</param>
    /// <param name="scheme">The scheme of its URI.</param>
    /// <param name="name">The name; the scheme by default.</param>
    /// <param name="env">The environment variable that tells the resource its port.</param>
    /// <param name="isProxied">Whether a proxy may stand before the resource; the stand-in has none.</param>
    /// <param name="isExternal">Whether it is reachable from outside the application.</param>
    /// <param name="protocol">TCP by default.</param>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        string? scheme = null,
        [EndpointName] string? name = null,
        string? env = null,
        bool? isProxied = null,
        bool? isExternal = null,
        ProtocolType? protocol = null)
        where T : IResourceWithEndpoints
    {
        var endpoint = new EndpointAnnotation(
            protocol ?? ProtocolType.Tcp, scheme, transport: null, name, port, targetPort, isExternal, isProxied);
        if (builder.Resource.GetEndpoint(endpoint.Name) is { Exists: true } reference)
        {
            var existing = reference.EndpointAnnotation;
            existing.Port = port ?? existing.Port;
            existing.TargetPort = targetPort ?? existing.TargetPort;
            existing.IsExternal = isExternal ?? existing.IsExternal;
            existing.IsProxied = isProxied ?? existing.IsProxied;
        }
        else
        {
            builder.WithAnnotation(endpoint);
        }
        if (env is not null)
        {
            var targetPortOf = builder.GetEndpoint(endpoint.Name).Property(EndpointProperty.TargetPort);
            builder.WithAnnotation(new EnvironmentCallbackAnnotation(context => context.EnvironmentVariables[env] = targetPortOf));
        }
        return builder;
    }

    /// <summary>Changes an endpoint, or adds it.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder,
        [EndpointName] string endpointName,
        Action<EndpointAnnotation> callback,
        bool createIfNotExists = true)
        where T : IResourceWithEndpoints
    {
        var reference = builder.GetEndpoint(endpointName);
        if (!reference.Exists)
        {
            if (!createIfNotExists) return builder;
            builder.WithAnnotation(new EndpointAnnotation(ProtocolType.Tcp, name: endpointName));
        }
        callback(reference.EndpointAnnotation);
        return builder;
    }

    /// <summary>Adds an HTTP endpoint, or changes it.</summary>
    public static IResourceBuilder<T> WithHttpEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        [EndpointName] string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints =>
        builder.WithEndpoint(port, targetPort, scheme: "http", name, env, isProxied);

    /// <summary>Adds an HTTPS endpoint, or changes it.</summary>
    public static IResourceBuilder<T> WithHttpsEndpoint<T>(
        this IResourceBuilder<T> builder,
        int? port = null,
        int? targetPort = null,
        [EndpointName] string? name = null,
        string? env = null,
        bool? isProxied = null)
        where T : IResourceWithEndpoints =>
        builder.WithEndpoint(port, targetPort, scheme: "https", name, env, isProxied);

    /// <summary>Makes the HTTP endpoints reachable from outside the application.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints
    {
        foreach (var endpoint in builder.Resource.Annotations.OfType<EndpointAnnotation>())
            if (endpoint.UriScheme is "http" or "https") endpoint.IsExternal = true;
        return builder;
    }

    /// <summary>Refers to an endpoint.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, [EndpointName] string name)
        where T : IResourceWithEndpoints => builder.Resource.GetEndpoint(name);

    /// <summary>Adds a health check that is registered with the AppHost's services.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="key">The name under which it is registered.</param>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key) where T : IResource
    {
        if (builder.Resource.Annotations.OfType<HealthCheckAnnotation>().Any(a => a.Key == key))
            throw new DistributedApplicationException(
                $"Resource '{builder.Resource.Name}' already has a health check with key '{key}'.");
        return builder.WithAnnotation(new HealthCheckAnnotation(key));
    }

    /// <summary>Adds a health check that gets a path of the resource.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="path">The path; <c>/</c> by default.</param>
    /// <param name="statusCode">The status that means healthy; 200 by default.</param>
    /// <param name="endpointName">The endpoint; https or else http by default.</param>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(
        this IResourceBuilder<T> builder,
        string? path = null,
        int? statusCode = null,
        [EndpointName] string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        path ??= "/";
        var status = statusCode ?? 200;
        var endpoint = builder.HttpEndpoint(endpointName, "HTTP health check");

        var key = $"{builder.Resource.Name}_{endpoint.EndpointName}_{path}_{status}_check";
        var services = builder.ApplicationBuilder.Services;
        services.AddHttpClient(key);
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            provider => new EndpointHealthCheck(
                endpoint, path, status, () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(key)),
            failureStatus: null,
            tags: null));
        return builder.WithHealthCheck(key);
    }

    private static EndpointReference HttpEndpoint<T>(this IResourceBuilder<T> builder, string? name, string use)
        where T : IResourceWithEndpoints
    {
        string[] candidates = name is null ? ["https", "http"] : [name];
        var endpoint = candidates.Select(builder.Resource.GetEndpoint).FirstOrDefault(e => e.Exists)
            ?? throw new DistributedApplicationException(
                $"Could not create {use} for resource '{builder.Resource.Name}' as no endpoint was found matching one of the specified names: {string.Join(", ", candidates)}");
        return endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new DistributedApplicationException(
                $"Could not create {use} for resource '{builder.Resource.Name}' as the endpoint with name '{endpoint.EndpointName}' and scheme '{endpoint.Scheme}' is not an HTTP endpoint.");
    }
}
