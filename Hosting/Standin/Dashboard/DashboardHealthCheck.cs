using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Dashboard;

/// <summary>Whether the dashboard answers; what it answers does not matter.</summary>
sealed class DashboardHealthCheck(DistributedApplicationModel model) : IHealthCheck, IDisposable
{
    // Its certificate is this machine's own, and nothing is told to it.
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var dashboard = model.Resources.OfType<DashboardResource>().Single();
        try
        {
            var page = new Uri(new Uri(dashboard.Url), "/login");
            using var response = await _client.GetAsync(page, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (HttpRequestException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }

    public void Dispose() => _client.Dispose();
}
