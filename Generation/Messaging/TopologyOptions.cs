using System.ComponentModel.DataAnnotations;

namespace SdAspire.Generation;

/// <summary>Section <c>Topology</c>: the queues of tasks, and the limits that become arguments of each.</summary>
public sealed class TopologyOptions : IValidatableObject
{
    /// <summary>Queues beside <c>tasks</c>: those of the section <c>Models</c>, and a worker's own.</summary>
    public ISet<string> Queues { get; } = new HashSet<string>(StringComparer.Ordinal);

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

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from queue in Queues
        let fault = QueueName.Fault(queue)
        where fault is not null
        select new ValidationResult($"The name of a queue {fault}.", [nameof(Queues)]);
}
