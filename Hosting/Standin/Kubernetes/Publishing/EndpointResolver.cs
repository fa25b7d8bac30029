using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Gives endpoints without a port one.</summary>
sealed class EndpointResolver
{
    /// <summary>Where a .NET container listens unless it is told otherwise.</summary>
    private const int DefaultPort = 8080;
    private const int FirstPort = 8000;

    private readonly HashSet<int> _used = [];

    /// <summary>The endpoints of a resource; a port that a user may change becomes a parameter.</summary>
    public IReadOnlyList<EndpointMapping> Resolve(IResource resource, Dictionary<string, HelmValue> parameters)
    {
        var host = HelmNames.Service(resource.Name);
        var mappings = new List<EndpointMapping>();
        var schemes = new HashSet<string>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var exposed = Given(endpoint.Port);
            var isWeb = endpoint.UriScheme is "http" or "https";
            // The first of each scheme of a project is its default one: whoever runs the container says the port.
            var isDefault = resource is ProjectResource && isWeb && schemes.Add(endpoint.UriScheme);
            var target = Given(endpoint.TargetPort)
                ?? (resource is ContainerResource ? exposed : null)
                ?? (isDefault ? null : Allocate());
            Use(exposed ?? target);
            Use(target);
            var other = exposed is { } service && service != target ? EndpointMapping.Number(service) : null;
            mappings.Add(target is { } port
                ? new(endpoint, host, EndpointMapping.Number(port), other)
                : new(endpoint, host, DefaultPortOf(resource, endpoint, mappings, parameters)));
        }
        return mappings;
    }

    // The container does not listen on https: whatever stands before the service ends TLS.
    private static HelmValue DefaultPortOf(
        IResource resource,
        EndpointAnnotation endpoint,
        IReadOnlyList<EndpointMapping> mappings,
        Dictionary<string, HelmValue> parameters)
    {
        var isHttps = resource.TryGetLastAnnotation<DefaultHttpsEndpointAnnotation>(out var https) && https.Endpoint == endpoint;
        if (isHttps && mappings.FirstOrDefault(m => m.Scheme == "http") is { } http) return http.Port;
        var key = HelmNames.Key($"port_{endpoint.Name}");
        return parameters[key] = new(HelmNames.Value(HelmNames.Parameters, resource.Name, key), DefaultPort);
    }

    private static int? Given(int? port) => port is 0 ? null : port;

    private int Allocate()
    {
        var port = FirstPort;
        while (_used.Contains(port)) port++;
        return port;
    }

    private void Use(int? port)
    {
        if (port is { } used) _used.Add(used);
    }
}
