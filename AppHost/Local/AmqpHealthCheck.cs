using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SdAspire.AppHost.Local;

/// <summary>A broker is healthy when one can log in; the connection is kept, so that its end is noticed.</summary>
sealed class AmqpHealthCheck : IHealthCheck, IAsyncDisposable
{
    private readonly IResourceWithConnectionString _broker;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly CancellationTokenRegistration _stopping;
    private IConnection? _connection;
    private bool _disposed;

    public AmqpHealthCheck(IResourceWithConnectionString broker, IHostApplicationLifetime lifetime)
    {
        _broker = broker;
        // A broker that has to close connections itself complains about it.
        _stopping = lifetime.ApplicationStopping.Register(() => _ = DisposeAsync().AsTask());
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_disposed) return HealthCheckResult.Unhealthy("The AppHost is stopping.");
            if (_connection is { IsOpen: true }) return HealthCheckResult.Healthy();
            await CloseAsync();
            var factory = new ConnectionFactory
            {
                Uri = new Uri((await _broker.GetConnectionStringAsync(cancellationToken))!),
                ClientProvidedName = "AppHost health check",
                AutomaticRecoveryEnabled = false,
            };
            _connection = await factory.CreateConnectionAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (BrokerUnreachableException e)
        {
            return HealthCheckResult.Unhealthy(e.Message, e);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync();
        await _oneAtATime.WaitAsync();
        try
        {
            _disposed = true;
            await CloseAsync();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection) await connection.DisposeAsync();
        _connection = null;
    }
}
