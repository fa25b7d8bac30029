using System.Diagnostics;
using System.Net.Sockets;
using Aspire.RabbitMQ.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Trace;
using Polly;
using Polly.Retry;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Microsoft.Extensions.Hosting;

/// <summary>Connects a service to RabbitMQ as Aspire.RabbitMQ.Client does.</summary>
public static class AspireRabbitMQExtensions
{
    private const string SectionName = "Aspire:RabbitMQ:Client";
    private const string HealthCheckName = "RabbitMQ.Client";
    private static readonly ActivitySource Source = new("Aspire.RabbitMQ.Client");

    /// <summary>
    /// Registers <see cref="IConnectionFactory"/> and <see cref="IConnection"/> as singletons, with a health check and tracing.
    /// Resolving <see cref="IConnection"/> connects, and blocks until it has or the retries are used up.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="connectionName">The name under <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Has the last word on the settings.</param>
    /// <param name="configureConnectionFactory">Has the last word on the factory.</param>
    public static void AddRabbitMQClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<RabbitMQClientSettings>? configureSettings = null,
        Action<ConnectionFactory>? configureConnectionFactory = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var section = builder.Configuration.GetSection(SectionName);
        var namedSection = section.GetSection(connectionName);
        var settings = new RabbitMQClientSettings();
        section.Bind(settings);
        namedSection.Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddSingleton<IConnectionFactory>(_ =>
        {
            var factory = new ConnectionFactory();
            section.GetSection(nameof(ConnectionFactory)).Bind(factory);
            namedSection.GetSection(nameof(ConnectionFactory)).Bind(factory);
            if (!string.IsNullOrEmpty(settings.ConnectionString))
                factory.Uri = new Uri(settings.ConnectionString);
            configureConnectionFactory?.Invoke(factory);
            return factory;
        });

        // A container resolves synchronously; Aspire's client blocks here too.
        builder.Services.AddSingleton(provider =>
            ConnectAsync(provider.GetRequiredService<IConnectionFactory>(), settings.MaxConnectRetryCount).GetAwaiter().GetResult());

        if (!settings.DisableAutoActivation)
            builder.Services.AddHostedService<ConnectAtStart>();

        if (!settings.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(Source.Name, "RabbitMQ.Client.*"));

        if (!settings.DisableHealthChecks)
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                HealthCheckName, provider => new ChannelOpens(provider), failureStatus: null, tags: null));
    }

    private static async Task<IConnection> ConnectAsync(IConnectionFactory factory, int retries)
    {
        var pipeline = new ResiliencePipelineBuilder();
        if (retries > 0)
        {
            pipeline.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<SocketException>().Handle<BrokerUnreachableException>(),
                BackoffType = DelayBackoffType.Exponential,
                MaxRetryAttempts = retries,
                Delay = TimeSpan.FromSeconds(1),
            });
        }

        using var connecting = StartActivity("rabbitmq connect", factory);
        return await pipeline.Build().ExecuteAsync(
            static async (factory, cancellationToken) =>
            {
                using var attempt = StartActivity("rabbitmq connect attempt", factory)?.AddTag("messaging.operation", "connect");
                try
                {
                    return await factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    attempt?.AddException(e).SetStatus(ActivityStatusCode.Error);
                    throw;
                }
            },
            factory).ConfigureAwait(false);
    }

    private static Activity? StartActivity(string name, IConnectionFactory factory) =>
        Source.StartActivity(name, ActivityKind.Client)?
            .AddTag("server.address", factory.Uri.Host)
            .AddTag("server.port", factory.Uri.Port)
            .AddTag("messaging.system", "rabbitmq");

    private sealed class ConnectAtStart(IServiceProvider provider) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            provider.GetRequiredService<IConnection>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class ChannelOpens(IServiceProvider provider) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                var connection = provider.GetRequiredService<IConnection>();
                await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
                return HealthCheckResult.Healthy();
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, exception: e);
            }
        }
    }
}
