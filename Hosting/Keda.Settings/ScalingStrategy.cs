namespace SdAspire.Keda.Settings;

/// <summary>How a ScaledJob turns counts into new jobs: <c>scalingStrategy.strategy</c>.</summary>
public enum ScalingStrategy
{
    /// <summary>Jobs for what is waiting, less every job that has not finished. KEDA's default.</summary>
    Default,

    /// <summary>Like <see cref="Default"/> with a deduction and a share of the running jobs; never more than the maximum at once.</summary>
    Custom,

    /// <summary>For sources that count only what no job has taken yet: less the pending jobs only.</summary>
    Accurate,

    /// <summary>Fills every free place up to the maximum as long as anything waits.</summary>
    Eager,
}
