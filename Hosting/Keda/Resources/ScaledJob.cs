using Aspire.Hosting.Kubernetes.Resources;
using YamlDotNet.Serialization;

namespace SdAspire.Hosting.Keda.Resources;

/// <summary>
/// KEDA's ScaledJob (<c>keda.sh/v1alpha1</c>). It takes the place of a Deployment: the pod template is the job's. Numbers are
/// text, since a chart may give them as a value.
/// </summary>
[YamlSerializable]
public sealed class ScaledJob() : Workload("keda.sh/v1alpha1", "ScaledJob")
{
    /// <summary>What KEDA is told.</summary>
    [YamlMember(Alias = "spec")]
    public ScaledJobSpec Spec { get; set; } = new();

    /// <summary>The template of the job's pod.</summary>
    [YamlIgnore]
    public override PodTemplateSpecV1 PodTemplate => Spec.JobTargetRef.Template;
}

/// <summary>What KEDA is told of a ScaledJob.</summary>
[YamlSerializable]
public sealed class ScaledJobSpec
{
    /// <summary>The job that is created.</summary>
    [YamlMember(Alias = "jobTargetRef")]
    public JobTargetRef JobTargetRef { get; set; } = new();

    /// <summary>Seconds between two looks at the queue, at least 1; 30 by default.</summary>
    [YamlMember(Alias = "pollingInterval")]
    public string? PollingInterval { get; set; }

    /// <summary>Jobs that exist even when nothing waits, at least 0.</summary>
    [YamlMember(Alias = "minReplicaCount")]
    public string? MinReplicaCount { get; set; }

    /// <summary>Most unfinished jobs at a time, at least 1; 100 by default.</summary>
    [YamlMember(Alias = "maxReplicaCount")]
    public string? MaxReplicaCount { get; set; }

    /// <summary>Successful jobs that are kept, at least 0; 100 by default.</summary>
    [YamlMember(Alias = "successfulJobsHistoryLimit")]
    public string? SuccessfulJobsHistoryLimit { get; set; }

    /// <summary>Failed jobs that are kept, at least 0; 100 by default.</summary>
    [YamlMember(Alias = "failedJobsHistoryLimit")]
    public string? FailedJobsHistoryLimit { get; set; }

    /// <summary>What becomes of unfinished jobs when the ScaledJob changes.</summary>
    [YamlMember(Alias = "rollout")]
    public Rollout? Rollout { get; set; }

    /// <summary>How counts become new jobs.</summary>
    [YamlMember(Alias = "scalingStrategy")]
    public ScalingStrategySpec? ScalingStrategy { get; set; }

    /// <summary>What is counted.</summary>
    [YamlMember(Alias = "triggers")]
    public List<ScaleTrigger> Triggers { get; } = [];
}

/// <summary>The job that KEDA creates: a Kubernetes JobSpec.</summary>
[YamlSerializable]
public sealed class JobTargetRef
{
    /// <summary>Pods of a job that run at the same time.</summary>
    [YamlMember(Alias = "parallelism")]
    public int? Parallelism { get; set; }

    /// <summary>Pods of a job that have to succeed.</summary>
    [YamlMember(Alias = "completions")]
    public int? Completions { get; set; }

    /// <summary>Pods that the Job controller starts anew after a failure.</summary>
    [YamlMember(Alias = "backoffLimit")]
    public int? BackoffLimit { get; set; }

    /// <summary>When a pod counts as gone: <c>Failed</c> or <c>TerminatingOrFailed</c>.</summary>
    [YamlMember(Alias = "podReplacementPolicy")]
    public string? PodReplacementPolicy { get; set; }

    /// <summary>Seconds until a finished job is deleted.</summary>
    [YamlMember(Alias = "ttlSecondsAfterFinished")]
    public string? TtlSecondsAfterFinished { get; set; }

    /// <summary>The template of the job's pod.</summary>
    [YamlMember(Alias = "template")]
    public PodTemplateSpecV1 Template { get; set; } = new();
}

/// <summary>What becomes of unfinished jobs when a ScaledJob changes.</summary>
[YamlSerializable]
public sealed class Rollout
{
    /// <summary><c>gradual</c> lets them finish; <c>immediate</c>, which is KEDA's default, deletes them.</summary>
    [YamlMember(Alias = "strategy")]
    public string? Strategy { get; set; }
}

/// <summary>How counts become new jobs.</summary>
[YamlSerializable]
public sealed class ScalingStrategySpec
{
    /// <summary><c>default</c>, <c>custom</c>, <c>accurate</c> or <c>eager</c>.</summary>
    [YamlMember(Alias = "strategy")]
    public string? Strategy { get; set; }

    /// <summary>Only for <c>custom</c>: taken off the number of jobs.</summary>
    [YamlMember(Alias = "customScalingQueueLengthDeduction")]
    public int? CustomScalingQueueLengthDeduction { get; set; }

    /// <summary>Only for <c>custom</c>: the share of the running jobs that is taken off.</summary>
    [YamlMember(Alias = "customScalingRunningJobPercentage")]
    public string? CustomScalingRunningJobPercentage { get; set; }

    /// <summary>A job is pending until its pod has all of these conditions; empty: until its pod runs.</summary>
    [YamlMember(Alias = "pendingPodConditions")]
    public List<string> PendingPodConditions { get; } = [];
}
