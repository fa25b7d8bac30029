using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Eventing;

/// <summary>Something that happens in the life of an application.</summary>
public interface IDistributedApplicationEvent;

/// <summary>Something that happens in the life of a resource.</summary>
public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
{
    /// <summary>The resource.</summary>
    IResource Resource { get; }

    /// <summary>The AppHost's own services.</summary>
    IServiceProvider Services { get; }

    /// <summary>Writes into the resource's log.</summary>
    ILogger Logger => Services.GetRequiredService<ResourceLoggerService>().GetLogger(Resource);
}
