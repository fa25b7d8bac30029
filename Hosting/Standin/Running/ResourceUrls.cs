using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Where a resource is reached.</summary>
static class ResourceUrls
{
    public static ImmutableArray<UrlSnapshot> Of(IResource resource, bool isActive) =>
    [
        .. from endpoint in resource.Annotations.OfType<EndpointAnnotation>()
           where endpoint.AllocatedEndpoint is not null
           select new UrlSnapshot(endpoint.Name, endpoint.AllocatedEndpoint!.UriString, IsInternal: false)
           {
               IsInactive = !isActive,
           },
    ];
}
