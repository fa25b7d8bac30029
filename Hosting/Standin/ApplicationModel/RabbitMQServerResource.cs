namespace Aspire.Hosting.ApplicationModel;

/// <summary>A RabbitMQ server in a container.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="userName">The user; <c>guest</c> by default.</param>
/// <param name="password">The user's password.</param>
public class RabbitMQServerResource(string name, ParameterResource? userName, ParameterResource password)
    : ContainerResource(name), IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";
    internal const string ManagementEndpointName = "management";
    private const string DefaultUserName = "guest";

    /// <summary>The endpoint of AMQP.</summary>
    public EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    /// <summary>The endpoint of the management plugin.</summary>
    public EndpointReference ManagementEndpoint => new(this, ManagementEndpointName);

    /// <summary>The host of AMQP.</summary>
    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    /// <summary>The port of AMQP.</summary>
    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    /// <summary>The user, if it is a parameter.</summary>
    public ParameterResource? UserNameParameter => userName;

    /// <summary>The user.</summary>
    public ReferenceExpression UserNameReference => userName is null
        ? ReferenceExpression.Create($"{DefaultUserName}")
        : ReferenceExpression.Create($"{userName}");

    /// <summary>The user's password.</summary>
    public ParameterResource PasswordParameter => password;

    /// <inheritdoc />
    public ReferenceExpression ConnectionStringExpression => UriExpression;

    /// <summary>The connection string, which is a URI.</summary>
    public ReferenceExpression UriExpression => userName is null
        ? ReferenceExpression.Create(
            $"amqp://{DefaultUserName}:{password:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}")
        : ReferenceExpression.Create(
            $"amqp://{userName:uri}:{password:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Username", UserNameReference),
        new("Password", ReferenceExpression.Create($"{password}")),
        new("Uri", UriExpression),
    ];
}
