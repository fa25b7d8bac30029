using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>Follows the health of a running resource: often until it is healthy, seldom from then on.</summary>
sealed class HealthMonitor(HealthCheckService checks, ResourceNotificationService notifications, TimeProvider time)
{
    private static readonly TimeSpan UntilHealthy = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public async Task FollowAsync(IResource resource, CancellationToken cancellationToken)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => a.Key).ToHashSet();
        HealthStatus? known = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            var status = keys.Count == 0 ? HealthStatus.Healthy : await CheckAsync(keys, cancellationToken).ConfigureAwait(false);
            if (status != known)
            {
                known = status;
                await notifications.PublishUpdateAsync(resource, s => s with { HealthStatus = status }).ConfigureAwait(false);
            }
            if (keys.Count == 0) return;
            await Task.Delay(status == HealthStatus.Healthy ? WhileHealthy : UntilHealthy, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HealthStatus> CheckAsync(HashSet<string> keys, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var report = await checks.CheckHealthAsync(r => keys.Contains(r.Name), either.Token).ConfigureAwait(false);
            return report.Status;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthStatus.Unhealthy;
        }
    }
}
