using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Tells what happens to the resources.</summary>
/// <param name="logger">Takes what is noteworthy.</param>
/// <param name="hostApplicationLifetime">Ends the waits.</param>
/// <param name="serviceProvider">The AppHost's own services.</param>
/// <param name="resourceLoggerService">The resources' logs.</param>
public partial class ResourceNotificationService(
    ILogger<ResourceNotificationService> logger,
    IHostApplicationLifetime hostApplicationLifetime,
    IServiceProvider serviceProvider,
    ResourceLoggerService resourceLoggerService) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];

    // Where a dashboard shows what happened and offers to start it again, waiting is better than failing.
    private WaitBehavior DefaultWaitBehavior => serviceProvider.GetRequiredService<DistributedApplicationOptions>().DisableDashboard
        ? WaitBehavior.StopOnResourceUnavailable
        : WaitBehavior.WaitOnResourceUnavailable;

    /// <summary>Publishes a change of a resource.</summary>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return PublishUpdateAsync(resource, resource.Name, stateFactory);
    }

    /// <summary>Publishes a change of one instance of a resource, which need not be one of the application's.</summary>
    public Task PublishUpdateAsync(
        IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(resourceId);
        ArgumentNullException.ThrowIfNull(stateFactory);
        lock (_lock)
        {
            var before = _current.TryGetValue(resourceId, out var current) ? current.Snapshot : ResourceSnapshots.Initial(resource);
            var after = stateFactory(before);
            // Whoever comes and goes without being part of the application leaves nothing behind.
            var change = new ResourceEvent(resource, resourceId, after with { Commands = CommandsOf(resource, after) })
            {
                IsGone = after.IsHidden && !IsInModel(resource),
            };
            if (change.IsGone)
            {
                _current.Remove(resourceId);
                resourceLoggerService.Remove(resourceId);
            }
            else
            {
                _current[resourceId] = change;
            }
            foreach (var watcher in _watchers) watcher.Writer.TryWrite(change);
        }
        return Task.CompletedTask;
    }

    /// <summary>Gets what is now known of a resource, by its id or its name.</summary>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_lock)
        {
            if (_current.TryGetValue(resourceId, out resourceEvent)) return true;
            // A name stands for an instance as long as there is only one.
            var ofName = _current.Values.Where(e => IsName(e, resourceId)).Take(2).ToList();
            resourceEvent = ofName.Count == 1 ? ofName[0] : null;
            return resourceEvent is not null;
        }
    }

    /// <summary>Follows all changes, from the current state of every resource on.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var subscription = Subscribe();
        foreach (var current in subscription.Current) yield return current;
        await foreach (var change in subscription.Changes.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return change;
    }

    /// <summary>Gets the current state of every resource, and all changes from there on.</summary>
    internal Subscription Subscribe()
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_lock)
        {
            _watchers.Add(channel);
            return new(this, [.. _current.Values], channel);
        }
    }

    /// <summary>Waits until the resource is in that state, running by default.</summary>
    public Task WaitForResourceAsync(
        string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until the resource is in one of those states; returns it.</summary>
    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(
            resourceName, e => e.Snapshot.State is { } state && targetStates.Contains(state.Text), cancellationToken).ConfigureAwait(false);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until the predicate holds for the resource.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, hostApplicationLifetime.ApplicationStopping);
        await foreach (var change in WatchAsync(stopping.Token).ConfigureAwait(false))
            if (IsName(change, resourceName) && predicate(change))
                return change;
        throw new OperationCanceledException($"The application ended while it waited for the resource '{resourceName}'.");
    }

    /// <summary>Waits until the resource runs and its health checks pass.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, DefaultWaitBehavior, cancellationToken);

    /// <summary>Waits until the resource runs and its health checks pass; fails, if that is wanted, when it has ended instead.</summary>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var stops = waitBehavior == WaitBehavior.StopOnResourceUnavailable;
        var model = serviceProvider.GetRequiredService<DistributedApplicationModel>();
        if (stops && !model.Resources.TryGetByName(resourceName, out _) && !TryGetCurrentState(resourceName, out _))
            throw new DistributedApplicationException(
                $"Stopped waiting for resource '{resourceName}' to become healthy because it does not exist in the application model.");
        var reached = await WaitForResourceAsync(
            resourceName, e => e.Snapshot.IsReady || (stops && HasEnded(e.Snapshot)), cancellationToken).ConfigureAwait(false);
        return reached.Snapshot.IsReady
            ? reached
            : throw new DistributedApplicationException(
                $"Stopped waiting for resource '{resourceName}' to become healthy because it is in state {Describe(reached.Snapshot)}.");
    }

    /// <summary>Waits for all that the resource has to wait for before it starts.</summary>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (var wait in resource.Annotations.OfType<WaitAnnotation>())
            await WaitForAsync(resource, wait, cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitForAsync(IResource resource, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var completes = wait.WaitType == WaitType.WaitForCompletion;
        var stops = completes || (wait.WaitBehavior ?? DefaultWaitBehavior) == WaitBehavior.StopOnResourceUnavailable;
        var reached = await WaitForResourceAsync(
            wait.Resource.Name, e => IsReached(e.Snapshot, wait) || (stops && HasEnded(e.Snapshot)), cancellationToken).ConfigureAwait(false);
        if (IsReached(reached.Snapshot, wait)) return;
        var state = Describe(reached.Snapshot);
        LogUnavailable(logger, resource.Name, wait.Resource.Name, state);
        throw new DistributedApplicationException(
            $"it waits for '{wait.Resource.Name}'{(completes ? " to complete" : "")}, which is in state {state}.");
    }

    private static bool IsReached(CustomResourceSnapshot snapshot, WaitAnnotation wait) => wait.WaitType switch
    {
        WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
        WaitType.WaitForCompletion => HasEnded(snapshot) && snapshot.ExitCode == wait.ExitCode,
        _ => snapshot.IsReady,
    };

    internal static bool HasEnded(CustomResourceSnapshot snapshot) =>
        snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);

    private static string Describe(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text + (snapshot.ExitCode is { } code ? $" with exit code {code}" : "");

    private static bool IsName(ResourceEvent change, string name) =>
        string.Equals(change.Resource.Name, name, StringComparison.OrdinalIgnoreCase);

    private bool IsInModel(IResource resource) =>
        serviceProvider.GetRequiredService<DistributedApplicationModel>().Resources.Contains(resource);

    private System.Collections.Immutable.ImmutableArray<ResourceCommandSnapshot> CommandsOf(
        IResource resource, CustomResourceSnapshot snapshot) =>
        [.. resource.Annotations.OfType<ResourceCommandAnnotation>().Select(c => c.Snapshot(snapshot, serviceProvider))];

    [LoggerMessage(Level = LogLevel.Debug, Message = "Resource '{Resource}' waits in vain for '{Dependency}', which is in state {State}.")]
    private static partial void LogUnavailable(ILogger logger, string resource, string dependency, string state);

    /// <summary>Ends what still watches.</summary>
    public void Dispose()
    {
        lock (_lock)
            foreach (var watcher in _watchers) watcher.Writer.TryComplete();
        GC.SuppressFinalize(this);
    }

    internal sealed class Subscription(
        ResourceNotificationService service, IReadOnlyList<ResourceEvent> current, Channel<ResourceEvent> channel) : IDisposable
    {
        public IReadOnlyList<ResourceEvent> Current => current;

        public ChannelReader<ResourceEvent> Changes => channel.Reader;

        public void Dispose()
        {
            lock (service._lock) service._watchers.Remove(channel);
        }
    }
}
