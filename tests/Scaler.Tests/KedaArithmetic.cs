using System.Globalization;
using SdAspire.Keda.Settings;

namespace SdAspire.Scaler.Tests;

/// <summary>
/// KEDA 2.20's way from a queue's length to a number of jobs, step by step and with its names, written apart from
/// <see cref="ScalingDecision"/>: <c>rabbitmq_scaler.go</c>, <c>scaledjob/metrics.go</c>, <c>executor/scale_jobs.go</c>.
/// </summary>
static class KedaArithmetic
{
    public static long Jobs(JobCounts counts, ScaledJobSettings settings)
    {
        var (minReplicaCount, maxReplicaCount) = settings.MinReplicaCount > settings.MaxReplicaCount
            ? (settings.MaxReplicaCount, settings.MaxReplicaCount)
            : (settings.MinReplicaCount, settings.MaxReplicaCount - settings.MinReplicaCount);

        // GetMetricsAndActivity, CalculateQueueLengthAndMaxValue
        var isTriggerActive = counts.Ready > settings.Trigger.ActivationValue;
        var metric = Quantity(counts.Ready);
        var targetAverageValue = Quantity(settings.Trigger.Value);
        var metricMaxValue = targetAverageValue == 0 ? 0 : Math.Min(metric / targetAverageValue, maxReplicaCount);

        // IsScaledJobActive
        double queueLength = 0, maxValue = 0;
        var isActive = false;
        if (metric > queueLength && isTriggerActive)
        {
            queueLength = metric;
            maxValue = metricMaxValue;
            isActive = true;
        }
        if (minReplicaCount > 0)
            isActive = true;
        var scaleTo = (long)Math.Ceiling(queueLength);
        var maxScale = (long)Math.Ceiling(Math.Min(maxValue, maxReplicaCount));

        // getScalingDecision
        long effectiveMaxScale;
        if (counts.Running < minReplicaCount)
            scaleTo = effectiveMaxScale = minReplicaCount - counts.Running;
        else
            (effectiveMaxScale, scaleTo) = GetEffectiveMaxScale(
                settings.ScalingStrategy, maxScale, counts.Running - minReplicaCount, counts.Pending, maxReplicaCount, scaleTo);

        // RequestJobScale, createJobs
        if (effectiveMaxScale < 0)
            effectiveMaxScale = 0;
        if (!isActive || effectiveMaxScale <= 0)
            return 0;
        return scaleTo > effectiveMaxScale ? effectiveMaxScale : scaleTo;
    }

    private static (long EffectiveMaxScale, long ScaleTo) GetEffectiveMaxScale(
        ScalingStrategySettings strategy, long maxScale, long runningJobCount, long pendingJobCount, long maxReplicaCount, long scaleTo)
    {
        switch (strategy.Strategy)
        {
            case ScalingStrategy.Custom when strategy.CustomScalingRunningJobPercentage is { } percentage:
                var deduction = strategy.CustomScalingQueueLengthDeduction ?? 0;
                return (Math.Min(maxScale - deduction - (long)(runningJobCount * percentage), maxReplicaCount), scaleTo);
            case ScalingStrategy.Accurate:
                if (maxScale + runningJobCount - pendingJobCount > maxReplicaCount)
                    return (maxReplicaCount - runningJobCount, scaleTo);
                return (maxScale - pendingJobCount, scaleTo);
            case ScalingStrategy.Eager:
                return (Math.Min(maxReplicaCount - runningJobCount - pendingJobCount, maxScale), maxReplicaCount);
            default:
                return (maxScale - runningJobCount, scaleTo);
        }
    }

    /// <summary>Printed with three digits, read as thousandths, multiplied by 10^-3.</summary>
    private static double Quantity(double value) =>
        long.Parse(value.ToString("F3", CultureInfo.InvariantCulture).Replace(".", ""), CultureInfo.InvariantCulture) * 0.001;
}
