using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Tells what happens to the resources.</summary>
public class ResourceNotificationService(IHostApplicationLifetime hostApplicationLifetime) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];

    /// <summary>Publishes a change of a resource.</summary>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_lock)
        {
            var before = _current.TryGetValue(resource.Name, out var current)
                ? current.Snapshot
                : new CustomResourceSnapshot { ResourceType = resource.GetType().Name };
            var change = new ResourceEvent(resource, resource.Name, stateFactory(before));
            _current[resource.Name] = change;
            foreach (var watcher in _watchers) watcher.Writer.TryWrite(change);
        }
        return Task.CompletedTask;
    }

    /// <summary>Gets what is now known of a resource.</summary>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_lock) return _current.TryGetValue(resourceId, out resourceEvent);
    }

    /// <summary>Follows all changes, from the current state of every resource on.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_lock)
        {
            foreach (var current in _current.Values) channel.Writer.TryWrite(current);
            _watchers.Add(channel);
        }
        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return change;
        }
        finally
        {
            lock (_lock) _watchers.Remove(channel);
        }
    }

    /// <summary>Waits until the resource is in that state, running by default.</summary>
    public async Task WaitForResourceAsync(
        string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
    {
        targetState ??= KnownResourceStates.Running;
        await WaitForResourceAsync(resourceName, e => e.Snapshot.State?.Text == targetState, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the predicate holds for the resource.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, hostApplicationLifetime.ApplicationStopping);
        await foreach (var change in WatchAsync(stopping.Token).ConfigureAwait(false))
            if (string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(change))
                return change;
        throw new OperationCanceledException($"The application ended while it waited for the resource '{resourceName}'.");
    }

    /// <summary>Waits until the resource runs and its health checks pass; fails when it has ended instead.</summary>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default)
    {
        var reached = await WaitForResourceAsync(
            resourceName, e => IsHealthy(e.Snapshot) || HasEnded(e.Snapshot), cancellationToken).ConfigureAwait(false);
        return IsHealthy(reached.Snapshot)
            ? reached
            : throw new DistributedApplicationException(
                $"Stopped waiting for resource '{resourceName}' to become healthy because it is in state {Describe(reached.Snapshot)}.");
    }

    internal static bool HasEnded(CustomResourceSnapshot snapshot) =>
        snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);

    internal static string Describe(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text + (snapshot.ExitCode is { } code ? $" with exit code {code}" : "");

    private static bool IsHealthy(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.Running && snapshot.HealthStatus == HealthStatus.Healthy;

    /// <summary>Ends what still watches.</summary>
    public void Dispose()
    {
        lock (_lock)
            foreach (var watcher in _watchers) watcher.Writer.TryComplete();
        GC.SuppressFinalize(this);
    }
}
