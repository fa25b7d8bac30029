namespace SdAspire.AppHost.Local;

/// <summary>A private ObjectStore as a child process; for clients it is what the MinIO container is.</summary>
sealed class ObjectStoreResource(string name, string assembly, ParameterResource secretKey)
    : ExecutableResource(name, "dotnet", Path.GetDirectoryName(assembly)!), IResourceWithConnectionString
{
    public const string AccessKey = "sdaspire";
    public const string PrimaryEndpointName = "http";

    private EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Endpoint={PrimaryEndpoint.Property(EndpointProperty.Url)};AccessKey={AccessKey};SecretKey={secretKey}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Host)}")),
        new("Port", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Port)}")),
        new("AccessKey", ReferenceExpression.Create($"{AccessKey}")),
        new("SecretKey", ReferenceExpression.Create($"{secretKey}")),
        new("Uri", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Url)}")),
    ];
}

static class ObjectStoreExtensions
{
    public static IResourceBuilder<ObjectStoreResource> AddObjectStore(
        this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        // No special characters: the password goes into a connection string.
        var secretKey = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-rootPassword", special: false);
        var assembly = ProjectOutput.Of<Projects.ObjectStore>();
        var store = new ObjectStoreResource(name, assembly, secretKey);
        var port = store.GetEndpoint(ObjectStoreResource.PrimaryEndpointName).Property(EndpointProperty.TargetPort);

        return builder.AddResource(store)
            .WithArgs(assembly)
            .WithHttpEndpoint(name: ObjectStoreResource.PrimaryEndpointName)
            .WithEndpoint(ObjectStoreResource.PrimaryEndpointName, endpoint => endpoint.TargetHost = "127.0.0.1")
            .WithEnvironment("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")
            .WithEnvironment("ObjectStore__DataPath", Path.Combine(builder.Configuration["Aspire:Store:Path"]!, "storage"))
            .WithEnvironment("ObjectStore__AccessKey", ObjectStoreResource.AccessKey)
            .WithEnvironment("ObjectStore__SecretKey", $"{secretKey}")
            .WithHttpHealthCheck("/minio/health/live");
    }
}
