using System.ComponentModel.DataAnnotations;

namespace SdAspire.Generation;

/// <summary>Section <c>Topology</c>: the limits that become arguments of the queue <c>tasks</c>.</summary>
public sealed class TopologyOptions
{
    /// <summary>Tasks that may wait; the broker refuses the next one and the API answers 503.</summary>
    [Range(1, 10_000_000)]
    public long MaxLength { get; set; } = 10_000;

    /// <summary>
    /// The safety net against tasks that kill their worker, and well above the attempts that a worker counts itself. Only the
    /// loss of a worker or of its connection counts, and before 4.3 a stopped worker's nack: failed attempts and outages of the
    /// storage are published anew, which begins the count afresh, so that no outage is ever long enough to reach it.
    /// </summary>
    [Range(1, 1_000)]
    public long DeliveryLimit { get; set; } = 20;

    /// <summary>
    /// From this delivery count on a worker buries the task itself, with a reason and a record. The broker's own dead letters
    /// have neither, hence one below its limit: the worker that buries may be lost as well.
    /// </summary>
    public long BuryFrom => Math.Max(1, DeliveryLimit - 1);
}
