namespace SdAspire.Keda.Settings;

/// <summary>
/// What KEDA's ScaledJob can be told about scaling and about the end of its jobs, under KEDA's names and with KEDA's defaults;
/// where Kubernetes has none, with that of the chart.
/// </summary>
public record ScaledJobSettings
{
    /// <summary>Seconds between two looks at the queue, at least 1. KEDA's default is 30.</summary>
    public int PollingInterval { get; set; } = 30;

    /// <summary>Jobs that exist even when nothing waits, at least 0. KEDA's default is 0.</summary>
    public int MinReplicaCount { get; set; }

    /// <summary>
    /// Most unfinished jobs at a time, at least 1. KEDA's default is 100. Below <see cref="MinReplicaCount"/> it is taken for both.
    /// </summary>
    public int MaxReplicaCount { get; set; } = 100;

    /// <summary>Successful jobs that are kept to look at, at least 0. KEDA's default is 100.</summary>
    public int SuccessfulJobsHistoryLimit { get; set; } = 100;

    /// <summary>Failed jobs that are kept to look at, at least 0. KEDA's default is 100.</summary>
    public int FailedJobsHistoryLimit { get; set; } = 100;

    /// <summary>
    /// Seconds after which a job is ended that has not ended by itself: it has failed then; 0 is no limit. It does not hold where
    /// <see cref="MinReplicaCount"/> is above 0: a job that waits for its message may wait for ever.
    /// </summary>
    public int ActiveDeadlineSeconds { get; set; } = 3600;

    /// <summary>Seconds for which a job that has ended is kept to look at, if the history limits keep it that long.</summary>
    public int TtlSecondsAfterFinished { get; set; } = 3600;

    /// <summary>How often a job that failed is tried again: 0, since the broker alone delivers its message again.</summary>
    public int BackoffLimit { get; set; }

    /// <summary>The annotation <c>autoscaling.keda.sh/paused</c>: nothing new is started, and what runs goes on.</summary>
    public bool Paused { get; set; }

    /// <summary>How counts become new jobs.</summary>
    public ScalingStrategySettings ScalingStrategy { get; set; } = new();

    /// <summary>What one job is for.</summary>
    public TriggerSettings Trigger { get; set; } = new();

    /// <summary>One sentence for each setting that is outside its range; none when all are right.</summary>
    public IEnumerable<string> Problems()
    {
        if (PollingInterval < 1)
            yield return $"pollingInterval is {PollingInterval}, it must be at least 1 second.";
        if (MinReplicaCount < 0)
            yield return $"minReplicaCount is {MinReplicaCount}, it must be at least 0.";
        if (MaxReplicaCount < 1)
            yield return $"maxReplicaCount is {MaxReplicaCount}, it must be at least 1.";
        if (SuccessfulJobsHistoryLimit < 0)
            yield return $"successfulJobsHistoryLimit is {SuccessfulJobsHistoryLimit}, it must be at least 0.";
        if (FailedJobsHistoryLimit < 0)
            yield return $"failedJobsHistoryLimit is {FailedJobsHistoryLimit}, it must be at least 0.";
        if (ActiveDeadlineSeconds < 0)
            yield return $"activeDeadlineSeconds is {ActiveDeadlineSeconds}, it must be at least 0.";
        if (TtlSecondsAfterFinished < 0)
            yield return $"ttlSecondsAfterFinished is {TtlSecondsAfterFinished}, it must be at least 0.";
        if (BackoffLimit != 0)
            yield return $"backoffLimit is {BackoffLimit}, it must be 0: the broker delivers the message of a job that failed "
                + "again, and a second one who retries would start two jobs for it.";
        if (Trigger.Mode != TriggerSettings.QueueLength)
            yield return $"mode is '{Trigger.Mode}', it must be {TriggerSettings.QueueLength}: "
                + "rates of messages say nothing of how many wait.";
        if (!Enum.IsDefined(ScalingStrategy.Strategy))
            yield return $"strategy is {ScalingStrategy.Strategy}, it must be default, custom, accurate or eager.";
        if (ScalingStrategy.CustomScalingRunningJobPercentage is { } share && !double.IsFinite(share))
            yield return $"customScalingRunningJobPercentage is {share}, it must be a finite number.";
        // KEDA keeps the value in thousandths: what is less counts as 0, and then nothing is ever started.
        if (!double.IsFinite(Trigger.Value) || Trigger.Value < 0.001)
            yield return $"value is {Trigger.Value}, it must be at least 0.001.";
        if (!double.IsFinite(Trigger.ActivationValue) || Trigger.ActivationValue < 0)
            yield return $"activationValue is {Trigger.ActivationValue}, it must be at least 0.";
    }
}
