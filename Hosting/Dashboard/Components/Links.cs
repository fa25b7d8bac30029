namespace SdAspire.Hosting.Dashboard.Components;

/// <summary>Addresses of the pages, as Aspire's dashboard has them.</summary>
internal static class Links
{
    public static string Console(string resource) => $"/consolelogs/resource/{Escape(resource)}";

    public static string Logs(string? resource, string? query = null) =>
        (string.IsNullOrEmpty(resource) ? "/structuredlogs" : $"/structuredlogs/resource/{Escape(resource)}") + query;

    public static string Traces(string? resource) =>
        string.IsNullOrEmpty(resource) ? "/traces" : $"/traces/resource/{Escape(resource)}";

    public static string Trace(string traceId, string? spanId = null) =>
        $"/traces/detail/{Escape(traceId)}" + (spanId is null ? "" : $"?spanId={Escape(spanId)}");

    public static string Metrics(string? resource) =>
        string.IsNullOrEmpty(resource) ? "/metrics" : $"/metrics/resource/{Escape(resource)}";

    private static string Escape(string part) => Uri.EscapeDataString(part);
}
