using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Runs the application: starts each resource when what it waits for is ready, and stops all in the reverse order.</summary>
sealed class Orchestrator(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    ResourceLauncher launcher,
    HealthMonitor health,
    PortAllocator ports,
    ProcessSpawner spawner,
    Guardian guardian,
    ResourceConsole console,
    IHostApplicationLifetime lifetime,
    TimeProvider time) : IHostedService, IDisposable
{
    // Everything has to be gone 15 seconds after the signal, and the last layer, the broker, takes the longest.
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(13);
    private static readonly TimeSpan StopBudgetPerLayer = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<IResource, ChildProcess> _processes = [];
    private IReadOnlyList<IReadOnlyList<IResource>> _layers = [];
    private Task[] _runs = [];
    private readonly Lock _lock = new();
    private Task? _stop;
    private string? _failure;

    /// <summary>Why the run failed, in one line.</summary>
    public string? Failure => _failure;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _layers = WaitGraph.Layers(model.Resources);
        foreach (var resource in model.Resources.Where(r => !ResourceLauncher.IsProcess(r)))
        {
            if (resource is ParameterResource parameter)
                _ = await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false);
            await notifications.PublishUpdateAsync(resource, s => s with
            {
                State = KnownResourceStates.Running,
                HealthStatus = HealthStatus.Healthy,
            }).ConfigureAwait(false);
        }
        foreach (var resource in model.Resources) ports.Allocate(resource);
        _runs = [.. model.Resources.Where(ResourceLauncher.IsProcess).Select(r => Task.Run(() => RunAsync(r), CancellationToken.None))];
    }

    // An AppHost in a test is told to stop by the test and by itself.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return _stop ??= StopAsync();
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        var start = time.GetTimestamp();
        for (var i = _layers.Count - 1; i >= 0; i--)
        {
            var left = StopBudget - time.GetElapsedTime(start);
            var grace = i == 0 || left < StopBudgetPerLayer ? left : StopBudgetPerLayer;
            await Task.WhenAll(_layers[i].Select(r => StopAsync(r, grace < TimeSpan.Zero ? TimeSpan.Zero : grace))).ConfigureAwait(false);
        }
        await Task.WhenAll(_runs).ConfigureAwait(false);
    }

    private async Task StopAsync(IResource resource, TimeSpan grace)
    {
        if (!_processes.TryGetValue(resource, out var process) || process.Exited.IsCompleted) return;
        await PublishAsync(resource, KnownResourceStates.Stopping).ConfigureAwait(false);
        await process.StopAsync(grace, time).ConfigureAwait(false);
    }

    private async Task RunAsync(IResource resource)
    {
        if (resource.TryGetLastAnnotation<ExplicitStartupAnnotation>(out _))
        {
            await PublishAsync(resource, KnownResourceStates.NotStarted).ConfigureAwait(false);
            return;
        }
        try
        {
            await WaitForDependenciesAsync(resource).ConfigureAwait(false);
            var process = await StartProcessAsync(resource).ConfigureAwait(false);
            await FollowAsync(resource, process).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (
            _stopping.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await PublishAsync(resource, KnownResourceStates.Exited).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await PublishAsync(resource, KnownResourceStates.FailedToStart).ConfigureAwait(false);
            Fail($"Resource '{resource.Name}' failed to start: {e.Message}");
        }
    }

    private async Task WaitForDependenciesAsync(IResource resource)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().ToList();
        if (waits.Count == 0) return;
        await PublishAsync(
            resource, KnownResourceStates.Waiting, $" for {string.Join(", ", waits.Select(w => w.Resource.Name).Distinct())}").ConfigureAwait(false);
        foreach (var wait in waits)
        {
            var reached = await notifications.WaitForResourceAsync(
                wait.Resource.Name,
                e => ResourceNotificationService.HasEnded(e.Snapshot) || IsReady(e.Snapshot, wait.WaitType),
                _stopping.Token).ConfigureAwait(false);
            if (ResourceNotificationService.HasEnded(reached.Snapshot))
                throw new DistributedApplicationException(
                    $"it waits for '{wait.Resource.Name}', which is in state {ResourceNotificationService.Describe(reached.Snapshot)}.");
        }
    }

    private static bool IsReady(CustomResourceSnapshot snapshot, WaitType wait) =>
        snapshot.State?.Text == KnownResourceStates.Running
        && (wait == WaitType.WaitUntilStarted || snapshot.HealthStatus == HealthStatus.Healthy);

    private async Task<ChildProcess> StartProcessAsync(IResource resource)
    {
        await PublishAsync(resource, KnownResourceStates.Starting).ConfigureAwait(false);
        var start = await launcher.PrepareAsync(resource, _stopping.Token).ConfigureAwait(false);
        _stopping.Token.ThrowIfCancellationRequested();
        var process = await ChildProcess.StartAsync(spawner, guardian, start, line => console.WriteLine(resource.Name, line)).ConfigureAwait(false);
        _processes[resource] = process;
        // Whoever stops the application may have looked for the process just before it was there.
        if (_stopping.IsCancellationRequested) await process.StopAsync(StopBudgetPerLayer, time).ConfigureAwait(false);
        return process;
    }

    private async Task FollowAsync(IResource resource, ChildProcess process)
    {
        var urls = string.Concat(resource.Annotations.OfType<EndpointAnnotation>().Select(e => $" {e.AllocatedEndpoint}"));
        await PublishAsync(resource, KnownResourceStates.Running, urls, s => s with
        {
            StartTimeStamp = time.GetUtcNow().UtcDateTime,
        }).ConfigureAwait(false);

        using var running = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var monitor = health.FollowAsync(resource, running.Token);
        var exitCode = await process.Exited.ConfigureAwait(false);
        await running.CancelAsync().ConfigureAwait(false);
        await monitor.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var asked = _stopping.IsCancellationRequested;
        await PublishAsync(
            resource,
            asked ? KnownResourceStates.Exited : KnownResourceStates.Finished,
            $" with exit code {exitCode}",
            s => s with { ExitCode = exitCode, HealthStatus = null, StopTimeStamp = time.GetUtcNow().UtcDateTime }).ConfigureAwait(false);
        // A program may well finish; a server may not.
        if (!asked && (exitCode != 0 || resource.Annotations.OfType<EndpointAnnotation>().Any()))
            Fail($"Resource '{resource.Name}' ended with exit code {exitCode}{(process.LastError is { } reason ? $": {reason}" : ".")}");
    }

    private void Fail(string message)
    {
        // The first failure is the cause; what fails after it is a consequence.
        if (Interlocked.CompareExchange(ref _failure, message, null) is null) lifetime.StopApplication();
    }

    private Task PublishAsync(
        IResource resource, string state, string detail = "", Func<CustomResourceSnapshot, CustomResourceSnapshot>? more = null)
    {
        console.WriteState(resource.Name, state + detail);
        return notifications.PublishUpdateAsync(resource, s => (more?.Invoke(s) ?? s) with { State = state });
    }

    public void Dispose() => _stopping.Dispose();
}
