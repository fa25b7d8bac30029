using System.ComponentModel.DataAnnotations;

namespace SdAspire.WebUi.Limits;

/// <summary>Section <c>Limits</c>: what one client may do; 0 is no limit. Each replica counts for itself.</summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>Requests that change something, in a minute.</summary>
    [Range(0, 1_000_000)]
    public int ChangesPerMinute { get; set; } = 1200;

    /// <summary>All other requests, in a minute.</summary>
    [Range(0, 10_000_000)]
    public int ReadsPerMinute { get; set; } = 12_000;

    /// <summary>
    /// Prompts that wait for a worker at the same time. The queue is painted in its order: this is how long somebody else's first
    /// prompt may have to wait for those of one client.
    /// </summary>
    [Range(0, 1_000_000)]
    public int WaitingPrompts { get; set; } = 200;

    /// <summary>How long a request may take that is no stream and does not wait for pictures.</summary>
    [Range(0, 86_400)]
    public int RequestSeconds { get; set; } = 60;
}
