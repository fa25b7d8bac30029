using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>
    /// Tells the resource all endpoints of another one: as service discovery reads them, and as <c>NAME_ENDPOINT</c>.
    /// </summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.WithReference(source, source.Resource.Name);

    /// <summary>Tells the resource all endpoints of another one under that name.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment
    {
        builder.WithEndpointsOf(source.Resource, name).All = true;
        return builder;
    }

    /// <summary>Tells the resource one endpoint of another one.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        var source = endpointReference.Resource;
        builder.WithEndpointsOf(source, source.Name).Names.Add(endpointReference.EndpointName);
        return builder;
    }

    // However often the resource refers to the other one, it is told each endpoint once, under the first name.
    private static ReferencedEndpointsAnnotation WithEndpointsOf<T>(
        this IResourceBuilder<T> builder, IResourceWithEndpoints source, string name)
        where T : IResourceWithEnvironment
    {
        var known = builder.Resource.Annotations.OfType<ReferencedEndpointsAnnotation>();
        if (known.FirstOrDefault(a => a.Source == source) is { } existing) return existing;
        var referenced = new ReferencedEndpointsAnnotation(source);
        builder.WithAnnotation(referenced)
            .WithAnnotation(new ResourceRelationshipAnnotation(source, "Reference"))
            .WithEnvironment(context =>
            {
                var variables = context.EnvironmentVariables;
                foreach (var endpoint in referenced.Endpoints)
                {
                    variables[$"{VariableName(name)}_{VariableName(endpoint.EndpointName)}"] = endpoint;
                    var index = 0;
                    while (variables.ContainsKey(Key(index))) index++;
                    variables[Key(index)] = endpoint;

                    string Key(int n) => $"services__{name}__{endpoint.EndpointName}__{n}";
                }
            });
        return referenced;
    }

    private static string VariableName(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));

    private sealed class ReferencedEndpointsAnnotation(IResourceWithEndpoints source) : IResourceAnnotation
    {
        public IResourceWithEndpoints Source => source;

        public HashSet<string> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

        public bool All { get; set; }

        public IEnumerable<EndpointReference> Endpoints =>
            source.GetEndpoints().Where(e => All || Names.Contains(e.EndpointName));
    }
}
