using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Tells the resource all endpoints of another one: as service discovery reads them, and as <c>NAME_ENDPOINT</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.WithReference(source, source.Resource.Name);

    /// <summary>Tells the resource all endpoints of another one under that name.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment =>
        builder.WithEndpoints(source.Resource, name, () => source.Resource.GetEndpoints());

    /// <summary>Tells the resource one endpoint of another one.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment =>
        builder.WithEndpoints(endpointReference.Resource, endpointReference.Resource.Name, () => [endpointReference]);

    private static IResourceBuilder<T> WithEndpoints<T>(
        this IResourceBuilder<T> builder, IResource source, string name, Func<IEnumerable<EndpointReference>> endpoints)
        where T : IResourceWithEnvironment
    {
        builder.WithAnnotation(new ResourceRelationshipAnnotation(source, "Reference"));
        return builder.WithEnvironment(context =>
        {
            var variables = context.EnvironmentVariables;
            foreach (var endpoint in endpoints())
            {
                variables[$"{VariableName(name)}_{VariableName(endpoint.EndpointName)}"] = endpoint;
                var index = 0;
                while (variables.TryGetValue(Key(index), out var other) && !ReferenceEquals(other, endpoint)) index++;
                variables[Key(index)] = endpoint;

                string Key(int n) => $"services__{name}__{endpoint.EndpointName}__{n}";
            }
        });
    }

    private static string VariableName(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
}
