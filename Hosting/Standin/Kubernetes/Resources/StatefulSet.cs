using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Runs pods that keep their name and their storage.</summary>
[YamlSerializable]
public sealed class StatefulSet() : Workload("apps/v1", "StatefulSet")
{
    /// <inheritdoc />
    [YamlIgnore]
    public override PodTemplateSpecV1 PodTemplate => Spec.Template;

    /// <summary>What it consists of.</summary>
    [YamlMember(Alias = "spec")]
    public StatefulSetSpecV1 Spec { get; set; } = new();
}

/// <summary>What a stateful set consists of.</summary>
[YamlSerializable]
public sealed class StatefulSetSpecV1
{
    /// <summary>The service that gives the pods their names.</summary>
    [YamlMember(Alias = "serviceName")]
    public string ServiceName { get; set; } = null!;

    /// <summary>What the pods are made from.</summary>
    [YamlMember(Alias = "template")]
    public PodTemplateSpecV1 Template { get; set; } = new();

    /// <summary>Which objects belong to it.</summary>
    [YamlMember(Alias = "selector")]
    public LabelSelectorV1 Selector { get; set; } = new();

    /// <summary>How long a new pod has to be ready before it counts.</summary>
    [YamlMember(Alias = "minReadySeconds")]
    public int? MinReadySeconds { get; set; }

    /// <summary>How many pods there are.</summary>
    [YamlMember(Alias = "replicas")]
    public int? Replicas { get; set; }

    /// <summary>Storage that every pod gets for itself.</summary>
    [YamlMember(Alias = "volumeClaimTemplates")]
    public List<PersistentVolumeClaim> VolumeClaimTemplates { get; } = [];

    /// <summary>How many old versions are kept.</summary>
    [YamlMember(Alias = "revisionHistoryLimit")]
    public int? RevisionHistoryLimit { get; set; }

    /// <summary>Whether pods start one after another.</summary>
    [YamlMember(Alias = "podManagementPolicy")]
    public string? PodManagementPolicy { get; set; }
}
