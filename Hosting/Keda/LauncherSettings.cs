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
        yield return Setting("scalingStrategy__strategy", settings.ScalingStrategy.Strategy);
        if (settings.ScalingStrategy.CustomScalingQueueLengthDeduction is { } deduction)
            yield return Setting("scalingStrategy__customScalingQueueLengthDeduction", deduction);
        if (settings.ScalingStrategy.CustomScalingRunningJobPercentage is { } percentage)
            yield return Setting("scalingStrategy__customScalingRunningJobPercentage", percentage);
        yield return Setting("trigger__value", settings.Trigger.Value);
        yield return Setting("trigger__activationValue", settings.Trigger.ActivationValue);
    }

    private static KeyValuePair<string, string> Setting<T>(string name, T value) =>
        new($"Scaler__{name}", Convert.ToString(value, CultureInfo.InvariantCulture)!);
}
