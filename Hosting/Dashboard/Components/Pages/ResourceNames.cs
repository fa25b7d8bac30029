using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Components.Pages;

/// <summary>What the resource filters offer.</summary>
internal static class ResourceNames
{
    private const int MaxInstances = 20;

    /// <summary>
    /// Each service and, where it has several instances, those that were heard of last: the ones that still run tell their
    /// metrics every now and then, and a worker for each picture would make a list that nobody reads.
    /// </summary>
    public static IReadOnlyList<string> Of(TelemetryStore store) =>
    [
        .. store.Resources().GroupBy(one => one.Name, StringComparer.OrdinalIgnoreCase)
            .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
            .SelectMany(group => group.Count() == 1
                ? [group.First().DisplayName]
                : group.OrderByDescending(one => one.LastHeard).Take(MaxInstances)
                    .Select(one => one.DisplayName).Order(StringComparer.OrdinalIgnoreCase).Prepend(group.Key))
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];
}
