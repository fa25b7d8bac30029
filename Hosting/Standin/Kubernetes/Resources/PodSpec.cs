using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>What pods are made from.</summary>
[YamlSerializable]
public sealed class PodTemplateSpecV1
{
    /// <summary>Name, labels and annotations.</summary>
    [YamlMember(Alias = "metadata")]
    public ObjectMetaV1 Metadata { get; set; } = new();

    /// <summary>What it consists of.</summary>
    [YamlMember(Alias = "spec")]
    public PodSpecV1 Spec { get; set; } = new();
}

/// <summary>What a pod consists of.</summary>
[YamlSerializable]
public sealed class PodSpecV1
{
    /// <summary>Which pods give way to which.</summary>
    [YamlMember(Alias = "priorityClassName")]
    public string? PriorityClassName { get; set; }

    /// <summary>The container runtime.</summary>
    [YamlMember(Alias = "runtimeClassName")]
    public string? RuntimeClassName { get; set; }

    /// <summary>As whom the pod calls the API server.</summary>
    [YamlMember(Alias = "serviceAccountName")]
    public string? ServiceAccountName { get; set; }

    /// <summary>Whether the pod gets a token for the API server.</summary>
    [YamlMember(Alias = "automountServiceAccountToken")]
    public bool? AutomountServiceAccountToken { get; set; }

    /// <summary>Labels that a node has to have.</summary>
    [YamlMember(Alias = "nodeSelector")]
    public Dictionary<string, string> NodeSelector { get; } = [];

    /// <summary>How long the pod may run.</summary>
    [YamlMember(Alias = "activeDeadlineSeconds")]
    public long? ActiveDeadlineSeconds { get; set; }

    /// <summary>The containers.</summary>
    [YamlMember(Alias = "containers")]
    public List<ContainerV1> Containers { get; } = [];

    /// <summary>Whether services are told as variables.</summary>
    [YamlMember(Alias = "enableServiceLinks")]
    public bool? EnableServiceLinks { get; set; }

    /// <summary>What is needed to pull the images.</summary>
    [YamlMember(Alias = "imagePullSecrets")]
    public List<LocalObjectReferenceV1> ImagePullSecrets { get; } = [];

    /// <summary>Containers that run first, one after another.</summary>
    [YamlMember(Alias = "initContainers")]
    public List<ContainerV1> InitContainers { get; } = [];

    /// <summary>Seconds from the request to end to the kill.</summary>
    [YamlMember(Alias = "terminationGracePeriodSeconds")]
    public long? TerminationGracePeriodSeconds { get; set; }

    /// <summary>Taints that the pod puts up with.</summary>
    [YamlMember(Alias = "tolerations")]
    public List<TolerationV1> Tolerations { get; } = [];

    /// <summary>How evenly pods are spread.</summary>
    [YamlMember(Alias = "topologySpreadConstraints")]
    public List<TopologySpreadConstraintV1> TopologySpreadConstraints { get; } = [];

    /// <summary>The volumes.</summary>
    [YamlMember(Alias = "volumes")]
    public List<VolumeV1> Volumes { get; } = [];

    /// <summary>As whom it runs.</summary>
    [YamlMember(Alias = "securityContext")]
    public PodSecurityContextV1? SecurityContext { get; set; }

    /// <summary>Where it likes to run, or has to.</summary>
    [YamlMember(Alias = "affinity")]
    public AffinityV1? Affinity { get; set; }

    /// <summary>Whether containers that end are started again.</summary>
    [YamlMember(Alias = "restartPolicy")]
    public string? RestartPolicy { get; set; }
}
