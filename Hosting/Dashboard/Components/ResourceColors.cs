using System.Collections.Concurrent;

namespace SdAspire.Hosting.Dashboard.Components;

/// <summary>Gives each service a colour of its own, on all pages alike; after twelve services they come round again.</summary>
internal sealed class ResourceColors
{
    private const int Count = 12;

    private readonly ConcurrentDictionary<string, int> _given = new(StringComparer.OrdinalIgnoreCase);
    private int _next = -1;

    /// <summary>A CSS colour.</summary>
    public string Of(string service) =>
        $"var(--r{_given.GetOrAdd(service, _ => Interlocked.Increment(ref _next)) % Count})";
}
