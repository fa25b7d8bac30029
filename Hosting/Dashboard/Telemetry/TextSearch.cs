namespace SdAspire.Hosting.Dashboard.Telemetry;

internal static class TextSearch
{
    public static bool Has(string? value, string text) =>
        value is not null && value.Contains(text, StringComparison.OrdinalIgnoreCase);

    public static bool Has(IReadOnlyList<TelemetryAttribute> attributes, string text)
    {
        foreach (var attribute in attributes)
        {
            if (Has(attribute.Value, text)) return true;
        }
        return false;
    }
}

internal static class Paging
{
    public static Page<T> Of<T>(List<T> all, int offset, int count)
    {
        var start = Math.Clamp(offset, 0, all.Count);
        return new Page<T>(all.GetRange(start, Math.Clamp(count, 0, all.Count - start)), all.Count);
    }
}
