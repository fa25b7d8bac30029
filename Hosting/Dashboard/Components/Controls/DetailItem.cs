using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Components.Controls;

/// <summary>A name and a value in a panel.</summary>
/// <param name="Name">Unique in its list.</param>
/// <param name="Value">As text.</param>
/// <param name="IsSensitive">To be shown only to who asks for it.</param>
/// <param name="Href">Where it leads.</param>
/// <param name="IsLong">Many lines, to be kept as they are.</param>
public sealed record DetailItem(string Name, string? Value, bool IsSensitive = false, string? Href = null, bool IsLong = false)
{
    /// <summary>As they are.</summary>
    public static IReadOnlyList<DetailItem> From(IEnumerable<TelemetryAttribute> attributes) =>
        [.. attributes.Select(one => new DetailItem(one.Name, one.Value, IsLong: one.Value.Contains('\n')))];
}
