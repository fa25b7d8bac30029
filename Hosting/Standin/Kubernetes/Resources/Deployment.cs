using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Runs a number of alike pods and replaces them one after another.</summary>
[YamlSerializable]
public sealed class Deployment() : Workload("apps/v1", "Deployment")
{
    /// <inheritdoc />
    [YamlIgnore]
    public override PodTemplateSpecV1 PodTemplate => Spec.Template;

    /// <summary>What it consists of.</summary>
    [YamlMember(Alias = "spec")]
    public DeploymentSpecV1 Spec { get; set; } = new();
}

/// <summary>What a deployment consists of.</summary>
[YamlSerializable]
public sealed class DeploymentSpecV1
{
    /// <summary>What the pods are made from.</summary>
    [YamlMember(Alias = "template")]
    public PodTemplateSpecV1 Template { get; set; } = new();

    /// <summary>Which objects belong to it.</summary>
    [YamlMember(Alias = "selector")]
    public LabelSelectorV1 Selector { get; set; } = new();

    /// <summary>How long a new pod has to be ready before it counts.</summary>
    [YamlMember(Alias = "minReadySeconds")]
    public int? MinReadySeconds { get; set; }

    /// <summary>How long a replacement may take before it has failed.</summary>
    [YamlMember(Alias = "progressDeadlineSeconds")]
    public int? ProgressDeadlineSeconds { get; set; }

    /// <summary>How many pods there are.</summary>
    [YamlMember(Alias = "replicas")]
    public int? Replicas { get; set; } = 1;

    /// <summary>How many old versions are kept.</summary>
    [YamlMember(Alias = "revisionHistoryLimit")]
    public int? RevisionHistoryLimit { get; set; } = 3;

    /// <summary>How pods are replaced.</summary>
    [YamlMember(Alias = "strategy")]
    public DeploymentStrategyV1 Strategy { get; set; } = new();
}

/// <summary>How pods are replaced by new ones.</summary>
[YamlSerializable]
public sealed class DeploymentStrategyV1
{
    /// <summary>How many are replaced at a time.</summary>
    [YamlMember(Alias = "rollingUpdate")]
    public RollingUpdateDeploymentV1 RollingUpdate { get; set; } = new();

    /// <summary>The kind, as Kubernetes names it.</summary>
    [YamlMember(Alias = "type")]
    public string Type { get; set; } = "RollingUpdate";
}

/// <summary>How many pods are replaced at a time.</summary>
[YamlSerializable]
public sealed class RollingUpdateDeploymentV1
{
    /// <summary>How many pods more there may be.</summary>
    [YamlMember(Alias = "maxSurge")]
    public int MaxSurge { get; set; }

    /// <summary>How many pods fewer there may be.</summary>
    [YamlMember(Alias = "maxUnavailable")]
    public int MaxUnavailable { get; set; }
}
