using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace SdAspire.Generation;

/// <summary>What every service of the house needs to talk to the others.</summary>
public static class GenerationExtensions
{
    /// <summary>
    /// Registers broker, topology, publishers, subscriber and storage, with their health checks. Connects to nothing yet.
    /// </summary>
    public static void AddGeneration(this IHostApplicationBuilder builder)
    {
        builder.AddGenerationMessaging();
        builder.AddMinioClient("storage", configureSettings: settings =>
            // Otherwise an https endpoint would be spoken to in plain http.
            settings.UseSsl |= settings.Endpoint?.Scheme == Uri.UriSchemeHttps);

        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<StorageOptions>().BindConfiguration("Storage").ValidateDataAnnotations();
        services.AddSingleton<IObjectStore, MinioObjectStore>();
        services.AddHealthChecks().AddCheck<StorageHealthCheck>("storage", timeout: TimeSpan.FromSeconds(6));
    }

    /// <summary>The same without the storage, for a service that only watches the queue.</summary>
    public static void AddGenerationMessaging(this IHostApplicationBuilder builder)
    {
        builder.AddRabbitMQClient("messaging",
            // The client's own check blocks a thread while the broker is away.
            settings => settings.DisableHealthChecks = true,
            factory =>
            {
                factory.ClientProvidedName = builder.Environment.ApplicationName;
                factory.RequestedConnectionTimeout = TimeSpan.FromSeconds(5);
                // BrokerConnection reconnects, and those who lost a channel must know that they did.
                factory.AutomaticRecoveryEnabled = false;
            });

        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<TopologyOptions>()
            .BindConfiguration("Topology")
            .Configure<IConfiguration>((topology, configuration) => topology.Queues.UnionWith(
                from model in configuration.GetSection(ModelOptions.Section).GetChildren()
                where model[nameof(ModelOptions.Queue)] is not null
                select model[nameof(ModelOptions.Queue)]!))
            .ValidateDataAnnotations();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<GenerationTopology>();
        services.AddSingleton<BrokerConnection>();
        services.AddSingleton<TaskPublisher>();
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<EventSubscriber>();
        services.AddSingleton<Onlookers>();
        services.AddSingleton<DeadLetters>();
        services.AddHealthChecks().AddCheck<BrokerHealthCheck>("messaging", timeout: TimeSpan.FromSeconds(6));
    }
}
