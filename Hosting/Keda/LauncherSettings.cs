using System.Globalization;
using SdAspire.Keda.Settings;

namespace SdAspire.Hosting.Keda;

/// <summary>KEDA's settings as the configuration of a launcher.</summary>
static class LauncherSettings
{
    public static IEnumerable<KeyValuePair<string, string>> Of(ScaledJobSettings settings)
    {
        yield return Setting("pollingInterval", settings.PollingInterval);
        yield return Setting("minReplicaCount", settings.MinReplicaCount);
        yield return Setting("maxReplicaCount", settings.MaxReplicaCount);
        yield return Setting("successfulJobsHistoryLimit", settings.SuccessfulJobsHistoryLimit);
        yield return Setting("failedJobsHistoryLimit", settings.FailedJobsHistoryLimit);
        yield return Setting("activeDeadlineSeconds", settings.ActiveDeadlineSeconds);
        yield return Setting("ttlSecondsAfterFinished", settings.TtlSecondsAfterFinished);
        yield return Setting("backoffLimit", settings.BackoffLimit);
        // Otherwise left to the launcher's own configuration, which can be changed while it runs.
        if (settings.Paused)
            yield return Setting("paused", settings.Paused);
        yield return Setting("scalingStrategy__strategy", settings.ScalingStrategy.Strategy);
        if (settings.ScalingStrategy.CustomScalingQueueLengthDeduction is { } deduction)
            yield return Setting("scalingStrategy__customScalingQueueLengthDeduction", deduction);
        if (settings.ScalingStrategy.CustomScalingRunningJobPercentage is { } percentage)
            yield return Setting("scalingStrategy__customScalingRunningJobPercentage", percentage);
        for (var i = 0; i < settings.ScalingStrategy.PendingPodConditions.Count; i++)
            yield return Setting($"scalingStrategy__pendingPodConditions__{i}", settings.ScalingStrategy.PendingPodConditions[i]);
        yield return Setting("trigger__mode", settings.Trigger.Mode);
        yield return Setting("trigger__value", settings.Trigger.Value);
        yield return Setting("trigger__activationValue", settings.Trigger.ActivationValue);
    }

    private static KeyValuePair<string, string> Setting<T>(string name, T value) =>
        new($"Scaler__{name}", Convert.ToString(value, CultureInfo.InvariantCulture)!);
}
