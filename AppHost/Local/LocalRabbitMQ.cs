using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace SdAspire.AppHost.Local;

/// <summary>A private RabbitMQ as a child process; for clients it is what the container is.</summary>
sealed class LocalRabbitMQResource(RabbitMQServerResource container, string command, string workingDirectory)
    : ExecutableResource(container.Name, command, workingDirectory), IResourceWithConnectionString
{
    public const string PrimaryEndpointName = "tcp";

    public ReferenceExpression UserName => container.UserNameReference;

    public ParameterResource Password => container.PasswordParameter;

    private EndpointReference PrimaryEndpoint => new(this, PrimaryEndpointName);

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"amqp://{UserName}:{Password:uri}@{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Host)}")),
        new("Port", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Port)}")),
        new("Username", UserName),
        new("Password", ReferenceExpression.Create($"{Password}")),
        new("Uri", ConnectionStringExpression),
    ];
}

static class LocalRabbitMQExtensions
{
    private const string Home = "BROKER_HOME";

    public static IResourceBuilder<LocalRabbitMQResource> AddLocalRabbitMQ(
        this IDistributedApplicationBuilder builder, RabbitMQServerResource container)
    {
        var scripts = Path.Combine(builder.AppHostDirectory, "Local");
        var broker = new LocalRabbitMQResource(container, Path.Combine(scripts, "rabbitmq"), scripts);

        var port = broker.GetEndpoint(LocalRabbitMQResource.PrimaryEndpointName).Property(EndpointProperty.TargetPort);
        var healthCheck = $"{broker.Name}_local_check";
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<AmqpHealthCheck>(services, broker));
        builder.Services.AddHealthChecks().AddCheck<AmqpHealthCheck>(healthCheck);

        return builder.AddResource(broker)
            .WithEndpoint(name: LocalRabbitMQResource.PrimaryEndpointName)
            .WithEndpoint(LocalRabbitMQResource.PrimaryEndpointName, endpoint => endpoint.TargetHost = "127.0.0.1")
            .WithEnvironment("BROKER_PORT", $"{port}")
            .WithEnvironment("BROKER_DATA", Path.Combine(builder.Configuration["Aspire:Store:Path"]!, "rabbitmq"))
            .WithEnvironment("BROKER_USER", broker.UserName)
            .WithEnvironment("BROKER_PASSWORD", $"{broker.Password}")
            .WithEnvironment(async context => context.EnvironmentVariables[Home] =
                builder.Configuration[Home] ?? await FetchAsync(scripts, context.CancellationToken))
            .WithHealthCheck(healthCheck);
    }

    /// <summary>Where the broker's packages are; they are fetched if they are not there yet.</summary>
    private static async Task<string> FetchAsync(string scripts, CancellationToken cancellationToken)
    {
        using var fetch = Process.Start(new ProcessStartInfo(Path.Combine(scripts, "fetch-rabbitmq")) { RedirectStandardOutput = true })!;
        using var ended = cancellationToken.Register(() => fetch.Kill(entireProcessTree: true));
        var path = await fetch.StandardOutput.ReadToEndAsync(cancellationToken);
        await fetch.WaitForExitAsync(cancellationToken);
        return fetch.ExitCode == 0 ? path.Trim() : throw new DistributedApplicationException("RabbitMQ could not be fetched, see above.");
    }
}
