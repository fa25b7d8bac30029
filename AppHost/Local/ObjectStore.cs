using SdAspire.Hosting.Keda;

namespace SdAspire.AppHost.Local;

/// <summary>A private ObjectStore as a child process; for clients it is what the MinIO container is.</summary>
sealed class ObjectStoreResource(MinioContainerResource container, string assembly)
    : ExecutableResource(container.Name, DotnetHost.Path, Path.GetDirectoryName(assembly)!), IResourceWithConnectionString
{
    public const string PrimaryEndpointName = "http";

    public ParameterResource AccessKey => container.RootUser;

    public ParameterResource SecretKey => container.PasswordParameter;

    private EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Endpoint={PrimaryEndpoint.Property(EndpointProperty.Url)};AccessKey={AccessKey};SecretKey={SecretKey}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Host)}")),
        new("Port", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Port)}")),
        new("AccessKey", ReferenceExpression.Create($"{AccessKey}")),
        new("SecretKey", ReferenceExpression.Create($"{SecretKey}")),
        new("Uri", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Url)}")),
    ];
}

static class ObjectStoreExtensions
{
    public static IResourceBuilder<ObjectStoreResource> AddObjectStore(
        this IDistributedApplicationBuilder builder, MinioContainerResource container)
    {
        var assembly = ProjectOutput.Of<Projects.ObjectStore>();
        var store = new ObjectStoreResource(container, assembly);
        var port = store.GetEndpoint(ObjectStoreResource.PrimaryEndpointName).Property(EndpointProperty.TargetPort);

        return builder.AddResource(store)
            .WithArgs(assembly)
            .WithHttpEndpoint(name: ObjectStoreResource.PrimaryEndpointName)
            .WithEndpoint(ObjectStoreResource.PrimaryEndpointName, endpoint => endpoint.TargetHost = "127.0.0.1")
            .WithEnvironment("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")
            .WithEnvironment("ObjectStore__DataPath", Path.Combine(builder.Configuration["Aspire:Store:Path"]!, "storage"))
            .WithEnvironment("ObjectStore__AccessKey", $"{store.AccessKey}")
            .WithEnvironment("ObjectStore__SecretKey", $"{store.SecretKey}")
            .WithHttpHealthCheck("/minio/health/live")
            .WithOtlpExporter();
    }
}
