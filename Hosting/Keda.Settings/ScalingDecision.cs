namespace SdAspire.Keda.Settings;

/// <summary>
/// How many jobs KEDA 2.20 would create, as a pure function (kedacore/keda: pkg/scaling/scaledjob/metrics.go and
/// pkg/scaling/executor/scale_jobs.go).
/// </summary>
public static class ScalingDecision
{
    /// <summary>The number of jobs to start in this poll, at least 0.</summary>
    public static long JobsToStart(JobCounts counts, ScaledJobSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        // A minimum above the maximum leaves the whole maximum as headroom on top: KEDA does just that.
        long min = Math.Min(settings.MinReplicaCount, settings.MaxReplicaCount);
        long headroom = settings.MinReplicaCount > settings.MaxReplicaCount ? settings.MaxReplicaCount : settings.MaxReplicaCount - min;
        if (counts.Running < min)
            return min - counts.Running;

        // An inactive trigger counts as an empty queue, even where the minimum keeps the ScaledJob itself active.
        var length = counts.Ready > settings.Trigger.ActivationValue ? counts.Ready : 0;
        var value = Quantity(settings.Trigger.Value);
        var maxScale = value > 0 ? (long)Math.Ceiling(Math.Min(length / value, headroom)) : 0;
        var running = counts.Running - min;

        var strategy = settings.ScalingStrategy;
        var jobs = strategy.Strategy switch
        {
            ScalingStrategy.Custom when strategy.CustomScalingRunningJobPercentage is { } share =>
                Math.Min(maxScale - (strategy.CustomScalingQueueLengthDeduction ?? 0) - Share(running, share), headroom),
            ScalingStrategy.Accurate when maxScale + running - counts.Pending > headroom => headroom - running,
            ScalingStrategy.Accurate => maxScale - counts.Pending,
            ScalingStrategy.Eager => Math.Min(headroom - running - counts.Pending, maxScale),
            _ => maxScale - running,
        };
        // Eager alone may create more jobs than messages wait.
        var limit = strategy.Strategy == ScalingStrategy.Eager ? headroom : length;
        return Math.Max(0, Math.Min(jobs, limit));
    }

    /// <summary>
    /// As KEDA passes the value on: in thousandths, rounded as the exact number is and half to even, times 0.001, which is not
    /// always the nearest number to it. One job more or less depends on that where the queue's length is a multiple.
    /// </summary>
    private static double Quantity(double value)
    {
        var thousandths = Math.Floor(value * 1000);
        // The product is rounded; a fused one tells on which side of a number it really is.
        if (Math.FusedMultiplyAdd(value, 1000, -thousandths) < 0)
            thousandths--;
        var beyondHalf = Math.FusedMultiplyAdd(value, 1000, -(thousandths + 0.5));
        if (beyondHalf > 0 || (beyondHalf == 0 && thousandths % 2 != 0))
            thousandths++;
        return thousandths * 0.001;
    }

    private static long Share(long running, double percentage) => (long)Math.Clamp(running * percentage, -1e15, 1e15);
}
