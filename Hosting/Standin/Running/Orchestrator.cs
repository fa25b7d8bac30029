using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>
/// Runs the application: starts each resource when what it waits for is ready, and stops all in the reverse order, the dashboard
/// last, since the others send to it to the end.
/// </summary>
sealed class Orchestrator(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceReporter reporter,
    PortAllocator ports,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    IHostApplicationLifetime lifetime,
    TimeProvider time) : IHostedService
{
    // Everything has to be gone 15 seconds after the signal, and the last layer, the broker, takes the longest.
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(13);
    private static readonly TimeSpan StopBudgetPerLayer = TimeSpan.FromSeconds(5);
    // It only holds what it was sent, and whoever looks at it keeps a connection open.
    private static readonly TimeSpan DashboardStopGrace = TimeSpan.FromSeconds(1.5);

    private readonly Dictionary<IResource, ResourceSupervisor> _supervisors = [];
    private readonly Lock _lock = new();
    private IReadOnlyList<IReadOnlyList<IResource>> _layers = [];
    private Task? _stop;
    private string? _failure;

    /// <summary>Why the run failed, in one line.</summary>
    public string? Failure => _failure;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _layers = WaitGraph.Layers(model.Resources);
        if (model.Resources.FirstOrDefault(r => r is IResourceWithEndpoints && !ResourceLauncher.IsProcess(r)) is { } foreign)
            throw new DistributedApplicationException(
                $"Resource '{foreign.Name}' ({foreign.GetType().Name}) is no process: run it as one, "
                + "or build the AppHost with the Aspire packages (-p:UseAspirePackages=true).");
        foreach (var resource in model.Resources.Where(r => !ResourceLauncher.IsProcess(r)))
            await PublishValueAsync(resource, cancellationToken).ConfigureAwait(false);
        foreach (var resource in model.Resources) ports.Allocate(resource);

        var processes = model.Resources.Where(ResourceLauncher.IsProcess).ToList();
        foreach (var resource in processes)
        {
            var supervisor = _supervisors[resource] = new(resource, services, Fail, lifetime.ApplicationStopping);
            if (!resource.Annotations.OfType<HiddenAnnotation>().Any()) LifecycleCommands.AddTo(resource, supervisor);
        }
        foreach (var resource in processes)
        {
            if (resource.TryGetLastAnnotation<ExplicitStartupAnnotation>(out _))
                await reporter.StateAsync(resource, KnownResourceStates.NotStarted).ConfigureAwait(false);
            else
                _ = _supervisors[resource].StartAsync(commanded: false, CancellationToken.None);
        }
        await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), cancellationToken).ConfigureAwait(false);
    }

    // An AppHost in a test is told to stop by the test and by itself.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return _stop ??= StopAsync();
    }

    private async Task StopAsync()
    {
        var start = time.GetTimestamp();
        for (var i = _layers.Count - 1; i >= 0; i--)
        {
            var left = StopBudget - DashboardStopGrace - time.GetElapsedTime(start);
            var grace = i == 0 || left < StopBudgetPerLayer ? left : StopBudgetPerLayer;
            await StopAsync(
                _layers[i].Where(r => r is not DashboardResource),
                grace < TimeSpan.Zero ? TimeSpan.Zero : grace).ConfigureAwait(false);
        }
        await StopAsync(_supervisors.Keys.OfType<DashboardResource>(), DashboardStopGrace).ConfigureAwait(false);
    }

    private Task StopAsync(IEnumerable<IResource> resources, TimeSpan grace) => Task.WhenAll(
        resources.Select(r => _supervisors.GetValueOrDefault(r)?.StopAsync(grace) ?? Task.CompletedTask));

    /// <summary>What is no process is there at once, if anybody can say what it is.</summary>
    private async Task PublishValueAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource is not ParameterResource parameter)
        {
            await notifications.PublishUpdateAsync(resource, s => s).ConfigureAwait(false);
            return;
        }
        var text = await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false);
        var property = resource is IResourceWithConnectionString
            ? KnownProperties.ConnectionString
            : KnownProperties.ParameterValue;
        await notifications.PublishUpdateAsync(resource, s => s.With(property, text, parameter.Secret) with
        {
            State = new(KnownResourceStates.Running, KnownResourceStateStyles.Success),
        }).ConfigureAwait(false);
    }

    private void Fail(string message)
    {
        // The first failure is the cause; what fails after it is a consequence.
        if (Interlocked.CompareExchange(ref _failure, message.ReplaceLineEndings(" "), null) is null) lifetime.StopApplication();
    }
}
