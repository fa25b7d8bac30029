using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Publishing;
using Aspire.Hosting.Running;

namespace Aspire.Hosting;

public static partial class ProjectResourceBuilderExtensions
{
    /// <summary>Sets how many instances there are where the application is published to; the stand-in itself runs one.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
        builder.WithAnnotation(new ReplicaAnnotation(replicas));

    /// <summary>What a published project is told: it runs in a container, behind something that forwards requests.</summary>
    private static IResourceBuilder<ProjectResource> InContainer(
        this IResourceBuilder<ProjectResource> builder, LaunchProfile? profile)
    {
        var resource = builder.Resource;
        builder.WithEnvironment(context =>
        {
            if (resource.GetEndpoints().Any()) context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        });
        builder.WithEnvironment(context =>
        {
            context.SetPorts(resource, "HTTP_PORTS", "http");
            context.SetPorts(resource, "HTTPS_PORTS", "https");
        });
        // A launch profile with addresses makes it a web project; the addresses themselves are for this machine.
        return profile?.Urls.Count > 0 ? builder.WithDefaultEndpoints() : builder;
    }

    private static IResourceBuilder<ProjectResource> WithDefaultEndpoints(this IResourceBuilder<ProjectResource> builder)
    {
        builder.WithEndpoint("http", endpoint => endpoint.UriScheme = "http");
        var hasHttps = builder.GetEndpoint("https").Exists;
        builder.WithEndpoint("https", endpoint => endpoint.UriScheme = "https");
        return hasHttps
            ? builder
            : builder.WithAnnotation(new DefaultHttpsEndpointAnnotation(builder.GetEndpoint("https").EndpointAnnotation));
    }

    private static void SetPorts(
        this EnvironmentCallbackContext context, ProjectResource resource, string variable, string scheme)
    {
        if (context.EnvironmentVariables.ContainsKey(variable)) return;
        resource.TryGetLastAnnotation<DefaultHttpsEndpointAnnotation>(out var https);
        var ports = resource.GetEndpoints()
            .Where(e => e.Scheme == scheme && e.EndpointAnnotation != https?.Endpoint)
            .Select(e => e.Property(EndpointProperty.TargetPort))
            .ToList();
        if (ports.Count == 0) return;
        var expression = new ReferenceExpression.ExpressionInterpolatedStringHandler(0, ports.Count);
        for (var i = 0; i < ports.Count; i++)
        {
            if (i > 0) expression.AppendLiteral(";");
            expression.AppendFormatted(ports[i]);
        }
        context.EnvironmentVariables[variable] = ReferenceExpression.Create(in expression);
    }
}
