namespace SdAspire.Keda.Settings;

/// <summary>KEDA's <c>scalingStrategy</c> of a ScaledJob.</summary>
public record ScalingStrategySettings
{
    /// <summary>The strategy. KEDA's default is <see cref="ScalingStrategy.Default"/>.</summary>
    public ScalingStrategy Strategy { get; set; } = ScalingStrategy.Default;

    /// <summary>Only for <see cref="ScalingStrategy.Custom"/>: taken off the number of jobs; unset is 0, negative adds.</summary>
    public int? CustomScalingQueueLengthDeduction { get; set; }

    /// <summary>
    /// Only for <see cref="ScalingStrategy.Custom"/>: the share of the running jobs that is taken off, for example 0.5.
    /// Unset, KEDA falls back to <see cref="ScalingStrategy.Default"/>, whatever the deduction says.
    /// </summary>
    public double? CustomScalingRunningJobPercentage { get; set; }

    /// <summary>A job is pending until its pod has all of these conditions; empty: until its pod runs.</summary>
    public IList<string> PendingPodConditions { get; init; } = [];
}
