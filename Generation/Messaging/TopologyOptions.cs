using System.ComponentModel.DataAnnotations;

namespace SdAspire.Generation;

/// <summary>Section <c>Topology</c>: the limits that become arguments of the queue <c>tasks</c>.</summary>
public sealed class TopologyOptions
{
    /// <summary>Tasks that may wait; the broker refuses the next one and the API answers 503.</summary>
    [Range(1, 10_000_000)]
    public long MaxLength { get; set; } = 10_000;

    /// <summary>
    /// The broker's safety net against tasks that kill their worker; well above the attempts that a worker counts itself.
    /// </summary>
    [Range(1, 1_000)]
    public long DeliveryLimit { get; set; } = 20;
}
