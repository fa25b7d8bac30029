namespace Aspire.Hosting.ApplicationModel;

/// <summary>A MinIO server in a container.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="rootUser">The user.</param>
/// <param name="passwordParameter">The user's password.</param>
[Obsolete(MinioBuilderExtensions.Archived)]
public sealed class MinioContainerResource(string name, ParameterResource rootUser, ParameterResource passwordParameter)
    : ContainerResource(name), IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "http";
    internal const string ConsoleEndpointName = "console";
    internal const string DefaultUserName = "minioadmin";

    /// <summary>The endpoint of S3.</summary>
    public EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    /// <summary>The host of S3.</summary>
    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    /// <summary>The port of S3.</summary>
    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    /// <summary>The user.</summary>
    public ParameterResource RootUser { get; set; } = rootUser;

    /// <summary>The user's password.</summary>
    public ParameterResource PasswordParameter => passwordParameter;

    /// <inheritdoc />
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Endpoint=http://{Host}:{Port};AccessKey={RootUser};SecretKey={passwordParameter}");

    /// <summary>The URI of S3.</summary>
    public ReferenceExpression UriExpression => ReferenceExpression.Create($"http://{Host}:{Port}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("AccessKey", ReferenceExpression.Create($"{RootUser}")),
        new("SecretKey", ReferenceExpression.Create($"{passwordParameter}")),
        new("Uri", UriExpression),
    ];
}
