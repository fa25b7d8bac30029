using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>Who waits for whom.</summary>
static class WaitGraph
{
    /// <summary>
    /// Sorts the resources into layers: what waits for nothing first, and each resource after all that it waits for. Throws if
    /// resources wait for each other.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<IResource>> Layers(IEnumerable<IResource> resources)
    {
        var depths = new Dictionary<IResource, int>();
        return [.. resources.GroupBy(r => Depth(r, depths, [])).OrderBy(g => g.Key).Select(g => (IReadOnlyList<IResource>)[.. g])];
    }

    private static int Depth(IResource resource, Dictionary<IResource, int> depths, IReadOnlyList<IResource> path)
    {
        if (depths.TryGetValue(resource, out var depth)) return depth;
        if (path.Contains(resource))
        {
            var circle = path.SkipWhile(r => r != resource).Append(resource).Select(r => $"'{r.Name}'");
            throw new DistributedApplicationException(
                $"Resources wait for each other and none can start: {string.Join(" -> ", circle)}. Remove one of these WaitFor.");
        }
        return depths[resource] = resource.Annotations.OfType<WaitAnnotation>()
            .Select(wait => 1 + Depth(wait.Resource, depths, [.. path, resource]))
            .DefaultIfEmpty(0).Max();
    }
}
