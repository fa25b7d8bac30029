using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SdAspire.AppHost.Local;

/// <summary>A broker is healthy when one can log in; the connection is kept, so that its end is noticed.</summary>
sealed class AmqpHealthCheck(IResourceWithConnectionString broker) : IHealthCheck, IAsyncDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private IConnection? _connection;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true }) return HealthCheckResult.Healthy();
            await CloseAsync();
            var factory = new ConnectionFactory
            {
                Uri = new Uri((await broker.GetConnectionStringAsync(cancellationToken))!),
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
        await CloseAsync();
        _oneAtATime.Dispose();
    }

    private async Task CloseAsync()
    {
        if (_connection is { } connection) await connection.DisposeAsync();
        _connection = null;
    }
}
