using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SdAspire.WebUi.Gallery;

/// <summary>A page that does not hear what happens is not ready to show it.</summary>
internal sealed class EventsHealthCheck(EventListener listener) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(listener.IsListening
            ? HealthCheckResult.Healthy("What happens is heard of.")
            : new HealthCheckResult(context.Registration.FailureStatus, "Events are not heard of yet."));
}
