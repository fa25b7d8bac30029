using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The application is about to start: the last moment to change its resources.</summary>
/// <param name="services">The AppHost's own services.</param>
/// <param name="model">The resources.</param>
public class BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services => services;

    /// <summary>The resources.</summary>
    public DistributedApplicationModel Model => model;
}

/// <summary>Every resource has its endpoints and is on its way.</summary>
/// <param name="services">The AppHost's own services.</param>
/// <param name="model">The resources.</param>
public class AfterResourcesCreatedEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
{
    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services => services;

    /// <summary>The resources.</summary>
    public DistributedApplicationModel Model => model;
}

/// <summary>What a resource waited for is ready, and it is about to start.</summary>
/// <param name="resource">The resource.</param>
/// <param name="services">The AppHost's own services.</param>
public class BeforeResourceStartedEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    /// <inheritdoc />
    public IResource Resource => resource;

    /// <inheritdoc />
    public IServiceProvider Services => services;
}

/// <summary>A resource runs and is healthy; whoever waits for it waits for those who hear this, too.</summary>
/// <param name="resource">The resource.</param>
/// <param name="services">The AppHost's own services.</param>
public class ResourceReadyEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
{
    /// <inheritdoc />
    public IResource Resource => resource;

    /// <inheritdoc />
    public IServiceProvider Services => services;
}
