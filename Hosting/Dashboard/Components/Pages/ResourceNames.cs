using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Components.Pages;

/// <summary>What the resource filters offer.</summary>
internal static class ResourceNames
{
    /// <summary>Each service, and its instances where it has several.</summary>
    public static IReadOnlyList<string> Of(TelemetryStore store) =>
    [
        .. store.Resources().GroupBy(one => one.Name, StringComparer.OrdinalIgnoreCase)
            .OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase)
            .SelectMany(group => group.Count() == 1
                ? [group.First().DisplayName]
                : group.Select(one => one.DisplayName).Order(StringComparer.OrdinalIgnoreCase).Prepend(group.Key))
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];
}
