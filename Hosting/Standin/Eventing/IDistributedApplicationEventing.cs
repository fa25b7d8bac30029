using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <summary>Tells those who subscribed what happens in the life of an application.</summary>
public interface IDistributedApplicationEventing
{
    /// <summary>Calls back at every event of that type.</summary>
    DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent;

    /// <summary>Calls back at every event of that type that is about the resource.</summary>
    DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent;

    /// <summary>Ends a subscription.</summary>
    void Unsubscribe(DistributedApplicationEventSubscription subscription);

    /// <summary>Calls all who subscribed, one after another.</summary>
    Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent;
}

/// <summary>One subscription.</summary>
/// <param name="callback">What is called.</param>
public class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
{
    /// <summary>What is called.</summary>
    public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback => callback;
}

/// <summary>Tells those who subscribed what happens in the life of an application.</summary>
public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly Lock _lock = new();
    private readonly List<DistributedApplicationEventSubscription> _subscriptions = [];

    /// <inheritdoc />
    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(callback);
        var subscription = new DistributedApplicationEventSubscription((@event, cancellationToken) =>
            @event is T own ? callback(own, cancellationToken) : Task.CompletedTask);
        lock (_lock) _subscriptions.Add(subscription);
        return subscription;
    }

    /// <inheritdoc />
    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(callback);
        return Subscribe<T>((@event, cancellationToken) =>
            @event.Resource == resource ? callback(@event, cancellationToken) : Task.CompletedTask);
    }

    /// <inheritdoc />
    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        lock (_lock) _subscriptions.Remove(subscription);
    }

    /// <inheritdoc />
    public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent
    {
        List<DistributedApplicationEventSubscription> subscriptions;
        lock (_lock) subscriptions = [.. _subscriptions];
        foreach (var subscription in subscriptions)
            await subscription.Callback(@event, cancellationToken).ConfigureAwait(false);
    }
}
