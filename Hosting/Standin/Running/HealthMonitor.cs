using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running;

/// <summary>Follows the health of a running resource: often while something may change, seldom from then on.</summary>
sealed class HealthMonitor(
    HealthCheckService checks,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    ResourceReporter reporter,
    IServiceProvider services,
    TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <param name="resource">The resource.</param>
    /// <param name="onHealthy">Called at least once when it has become healthy.</param>
    /// <param name="cancellationToken">It no longer runs.</param>
    public async Task FollowAsync(IResource resource, Action onHealthy, CancellationToken cancellationToken)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => a.Key).ToHashSet();
        IReadOnlyList<HealthReportSnapshot> known = [];
        var told = false;
        var pace = new HealthPace(time);
        while (!cancellationToken.IsCancellationRequested)
        {
            var reports = keys.Count == 0 ? [] : await CheckAsync(keys, cancellationToken).ConfigureAwait(false);
            if (!reports.SequenceEqual(known))
            {
                known = reports;
                var now = time.GetUtcNow().UtcDateTime;
                await notifications.PublishUpdateAsync(resource, s => s with
                {
                    HealthReports = [.. reports.Select(r => r with { LastRunAt = now })],
                }).ConfigureAwait(false);
            }
            var isHealthy = reports.All(r => r.Status == HealthStatus.Healthy);
            if (isHealthy && !told)
            {
                told = true;
                onHealthy();
                await TellAsync(resource, cancellationToken).ConfigureAwait(false);
            }
            if (keys.Count == 0) return;
            await Task.Delay(pace.Next(isHealthy), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(IResource resource, CancellationToken cancellationToken)
    {
        try
        {
            await eventing.PublishAsync(new ResourceReadyEvent(resource, services), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            reporter.Say(resource, $"whoever wanted to know that it is ready failed: {e.Message}", isError: true);
        }
        await notifications.PublishUpdateAsync(resource, s => s with { AwaitsReadyEvent = false }).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<HealthReportSnapshot>> CheckAsync(HashSet<string> keys, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var report = await checks.CheckHealthAsync(r => keys.Contains(r.Name), either.Token).ConfigureAwait(false);
            return
            [
                .. report.Entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e =>
                    new HealthReportSnapshot(e.Key, e.Value.Status, e.Value.Description, e.Value.Exception?.Message)),
            ];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return
            [
                .. keys.Order(StringComparer.Ordinal).Select(key =>
                    new HealthReportSnapshot(key, HealthStatus.Unhealthy, "It did not answer.", null)),
            ];
        }
    }
}
