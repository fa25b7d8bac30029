using Microsoft.Extensions.Diagnostics.HealthChecks;
using SdAspire.Scaler.Launching;

namespace SdAspire.Scaler;

sealed class LauncherHealthCheck(LaunchGate gate, WorkerPool pool) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (running, pending) = pool.Count();
        return Task.FromResult(gate.ConfigurationError is { } error
            ? HealthCheckResult.Unhealthy(error)
            : HealthCheckResult.Healthy($"{running} workers are running, {pending} of them have not taken a message yet."));
    }
}
