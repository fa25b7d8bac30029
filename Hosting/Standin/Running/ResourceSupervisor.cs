using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Running;

/// <summary>
/// Runs one process: starts it when what it waits for is ready, starts it again when it crashes, stops it when it is told to.
/// </summary>
/// <param name="resource">The resource.</param>
/// <param name="services">The AppHost's own services.</param>
/// <param name="fail">Ends the application with a message.</param>
/// <param name="closing">The application stops: nothing is started any more.</param>
sealed class ResourceSupervisor(IResource resource, IServiceProvider services, Action<string> fail, CancellationToken closing)
{
    // Without a health check, whoever lives that long has started well.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private readonly ResourceNotificationService _notifications = services.GetRequiredService<ResourceNotificationService>();
    private readonly ResourceReporter _reporter = services.GetRequiredService<ResourceReporter>();
    private readonly ResourceLauncher _launcher = services.GetRequiredService<ResourceLauncher>();
    private readonly HealthMonitor _health = services.GetRequiredService<HealthMonitor>();
    private readonly IDistributedApplicationEventing _eventing = services.GetRequiredService<IDistributedApplicationEventing>();
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly bool _isServer = resource.Annotations.OfType<EndpointAnnotation>().Any();
    private readonly bool _hasChecks = resource.Annotations.OfType<HealthCheckAnnotation>().Any();
    private readonly bool _mayEnd = services.GetRequiredService<DistributedApplicationModel>().Resources
        .SelectMany(r => r.Annotations.OfType<WaitAnnotation>())
        .Any(w => w.Resource == resource && w.WaitType == WaitType.WaitForCompletion);

    private readonly Lock _lock = new();
    private ResourceRun? _run;
    private bool _hasRunWell;

    /// <summary>Starts it, or lets it start without waiting any longer; returns why that failed, or null.</summary>
    public async Task<string?> StartAsync(bool commanded, CancellationToken cancellationToken = default)
    {
        while (!closing.IsCancellationRequested)
        {
            var run = RunToStart(commanded);
            if (!run.IsStopping) return await run.Begun.WaitAsync(cancellationToken).ConfigureAwait(false);
            await run.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        return $"Resource '{resource.Name}' is not started: the application stops.";
    }

    /// <summary>A new run, or the one that has not ended yet.</summary>
    private ResourceRun RunToStart(bool commanded)
    {
        lock (_lock)
        {
            if (_run is { Task.IsCompleted: false } current)
            {
                current.SkipPause();
                return current;
            }
            var run = _run = new ResourceRun(commanded, closing);
            run.Task = Task.Run(() => LiveAsync(run), CancellationToken.None);
            return run;
        }
    }

    /// <summary>Stops it, if it runs, within that time.</summary>
    public Task StopAsync(TimeSpan grace)
    {
        lock (_lock)
        {
            if (_run is not { Task.IsCompleted: false } run) return Task.CompletedTask;
            run.RequestStop(grace);
            return run.Task;
        }
    }

    private async Task LiveAsync(ResourceRun run)
    {
        using var _ = run;
        var backoff = new RestartBackoff();
        try
        {
            while (true)
            {
                await WaitForDependenciesAsync(run).ConfigureAwait(false);
                if (await RunOnceAsync(run).ConfigureAwait(false) is not { } ranWell) return;
                var delay = backoff.Next(ranWell);
                await _reporter.StateAsync(
                    resource,
                    new(KnownResourceStates.Restarting, KnownResourceStateStyles.Warn),
                    string.Create(CultureInfo.InvariantCulture, $" in {delay.TotalSeconds} s")).ConfigureAwait(false);
                await run.PauseAsync(token => Task.Delay(delay, _time, token)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (run.IsStopping)
        {
            await _reporter.StateAsync(resource, KnownResourceStates.Exited).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var failed = new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error);
            await _reporter.StateAsync(resource, failed, $": {e.Message}").ConfigureAwait(false);
            var message = $"Resource '{resource.Name}' failed to start: {e.Message}";
            run.Begin(message);
            if (!run.Commanded && !_hasRunWell) fail(message);
        }
        finally
        {
            run.Begin();
        }
    }

    private async Task WaitForDependenciesAsync(ResourceRun run)
    {
        var names = resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource.Name).Distinct().ToList();
        if (names.Count == 0) return;
        await _reporter.StateAsync(
            resource,
            KnownResourceStates.Waiting,
            $" for {string.Join(", ", names)}",
            s => s.With(KnownProperties.WaitingFor, string.Join(", ", names))).ConfigureAwait(false);
        await run.PauseAsync(async token =>
        {
            var ready = _notifications.WaitForDependenciesAsync(resource, token);
            run.Begin();
            await ready.ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Runs it once; returns how long it ran well if it is to be started again.</summary>
    private async Task<TimeSpan?> RunOnceAsync(ResourceRun run)
    {
        await _reporter.StateAsync(
            resource, KnownResourceStates.Starting, more: ResourceSnapshots.Restarted).ConfigureAwait(false);
        await _eventing.PublishAsync(new BeforeResourceStartedEvent(resource, services), run.Stopping).ConfigureAwait(false);
        var start = await _launcher.PrepareAsync(resource, run.Stopping).ConfigureAwait(false);
        run.Stopping.ThrowIfCancellationRequested();
        var process = await ChildProcess.StartAsync(
            services.GetRequiredService<ProcessSpawner>(),
            services.GetRequiredService<Guardian>(),
            start,
            (line, isError) => _reporter.Output(resource, line, isError)).ConfigureAwait(false);

        var started = _time.GetUtcNow();
        var urls = string.Concat(resource.Annotations.OfType<EndpointAnnotation>().Select(e => $" {e.AllocatedEndpoint}"));
        await _reporter.StateAsync(
            resource,
            KnownResourceStates.Running,
            urls,
            s => ResourceSnapshots.Started(s, resource, start, process.Id) with { StartTimeStamp = started.UtcDateTime })
            .ConfigureAwait(false);
        run.Begin();

        DateTimeOffset? wellSince = _hasChecks ? null : started;
        using var running = new CancellationTokenSource();
        var monitor = FollowHealthAsync(() => wellSince ??= _time.GetUtcNow(), running.Token);
        await Task.WhenAny(process.Exited, run.StopRequested).ConfigureAwait(false);
        if (!process.Exited.IsCompleted)
        {
            await _reporter.StateAsync(resource, KnownResourceStates.Stopping).ConfigureAwait(false);
            await process.StopAsync(await run.StopRequested.ConfigureAwait(false), _time).ConfigureAwait(false);
        }
        var exitCode = await process.Exited.ConfigureAwait(false);
        await running.CancelAsync().ConfigureAwait(false);
        await monitor.ConfigureAwait(false);

        var ranWell = _time.GetUtcNow() - wellSince;
        _hasRunWell |= _hasChecks ? ranWell is not null : ranWell >= Settled;
        return await EndedAsync(run, process, exitCode).ConfigureAwait(false) ? ranWell ?? TimeSpan.Zero : null;
    }

    private async Task FollowHealthAsync(Action onHealthy, CancellationToken cancellationToken)
    {
        try
        {
            await _health.FollowAsync(resource, onHealthy, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It no longer runs.
        }
        catch (Exception e)
        {
            _reporter.Say(resource, $"its health is not followed any more: {e.Message}", isError: true);
        }
    }

    /// <summary>Tells how it ended; returns whether it is to be started again.</summary>
    private async Task<bool> EndedAsync(ResourceRun run, ChildProcess process, int exitCode)
    {
        var asked = run.IsStopping;
        var code = string.Create(CultureInfo.InvariantCulture, $" with exit code {exitCode}");
        // A program may well finish; a server may not.
        var crashed = !asked && !_mayEnd && (exitCode != 0 || _isServer);
        var again = crashed && _hasRunWell;
        if (again)
        {
            _reporter.Say(resource, $"ended{code}", isError: true);
            await _notifications.PublishUpdateAsync(resource, s => Ended(s)).ConfigureAwait(false);
            return true;
        }
        ResourceStateSnapshot state = asked
            ? new(KnownResourceStates.Exited, Style: null)
            : new ResourceStateSnapshot(KnownResourceStates.Finished, exitCode == 0 ? null : KnownResourceStateStyles.Error);
        await _reporter.StateAsync(resource, state, code, Ended).ConfigureAwait(false);
        if (crashed && !run.Commanded)
            fail($"Resource '{resource.Name}' ended{code}"
                + (process.LastError is { } reason ? $": {reason}" : ". See what it said above."));
        return false;

        CustomResourceSnapshot Ended(CustomResourceSnapshot snapshot) => snapshot.With(KnownProperties.ExecutablePid, null) with
        {
            ExitCode = exitCode,
            StopTimeStamp = _time.GetUtcNow().UtcDateTime,
        };
    }
}
