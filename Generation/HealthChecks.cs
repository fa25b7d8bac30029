using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SdAspire.Generation;

/// <summary>Says in words whether the broker can be reached.</summary>
internal sealed class BrokerHealthCheck(BrokerConnection broker) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await broker.GetAsync(cancellationToken);
            return HealthCheckResult.Healthy($"The message broker at {broker.Endpoint} is connected.");
        }
        catch (BrokerUnavailableException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message);
        }
    }
}

/// <summary>Says in words whether the storage answers.</summary>
internal sealed class StorageHealthCheck(IObjectStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy("The storage answers.");
        }
        catch (StorageUnavailableException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message);
        }
    }
}
