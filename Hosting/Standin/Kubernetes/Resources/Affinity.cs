using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Where a pod likes to run, or has to.</summary>
[YamlSerializable]
public sealed class AffinityV1
{
    /// <summary>Nodes.</summary>
    [YamlMember(Alias = "nodeAffinity")]
    public NodeAffinityV1 NodeAffinity { get; set; } = new();

    /// <summary>Pods to be near to.</summary>
    [YamlMember(Alias = "podAffinity")]
    public PodAffinityV1 PodAffinity { get; set; } = new();

    /// <summary>Pods to be far from.</summary>
    [YamlMember(Alias = "podAntiAffinity")]
    public PodAntiAffinityV1 PodAntiAffinity { get; set; } = new();
}

/// <summary>Nodes that a pod likes, or needs.</summary>
[YamlSerializable]
public sealed class NodeAffinityV1
{
    /// <summary>What is liked.</summary>
    [YamlMember(Alias = "preferredDuringSchedulingIgnoredDuringExecution")]
    public List<PreferredSchedulingTermV1> PreferredDuringSchedulingIgnoredDuringExecution { get; } = [];

    /// <summary>What is needed.</summary>
    [YamlMember(Alias = "requiredDuringSchedulingIgnoredDuringExecution")]
    public NodeSelectorV1 RequiredDuringSchedulingIgnoredDuringExecution { get; set; } = new();
}

/// <summary>Finds nodes by any of some terms.</summary>
[YamlSerializable]
public sealed class NodeSelectorV1
{
    /// <summary>The terms.</summary>
    [YamlMember(Alias = "nodeSelectorTerms")]
    public List<NodeSelectorTermV1> NodeSelectorTerms { get; } = [];
}

/// <summary>Conditions that all have to be met.</summary>
[YamlSerializable]
public sealed class NodeSelectorTermV1
{
    /// <summary>Conditions that all have to be met.</summary>
    [YamlMember(Alias = "matchExpressions")]
    public List<NodeSelectorRequirementV1> MatchExpressions { get; } = [];

    /// <summary>Conditions on fields that all have to be met.</summary>
    [YamlMember(Alias = "matchFields")]
    public List<NodeSelectorRequirementV1> MatchFields { get; } = [];
}

/// <summary>A condition on one label or field of a node.</summary>
[YamlSerializable]
public sealed class NodeSelectorRequirementV1
{
    /// <summary>How it is compared, for example <c>In</c>.</summary>
    [YamlMember(Alias = "operator")]
    public string Operator { get; set; } = null!;

    /// <summary>What it is compared with.</summary>
    [YamlMember(Alias = "values")]
    public List<string> Values { get; } = [];

    /// <summary>The key.</summary>
    [YamlMember(Alias = "key")]
    public string Key { get; set; } = null!;
}

/// <summary>Nodes that are liked, and how much.</summary>
[YamlSerializable]
public sealed class PreferredSchedulingTermV1
{
    /// <summary>Which nodes.</summary>
    [YamlMember(Alias = "preference")]
    public NodeSelectorTermV1 Preference { get; set; } = new();

    /// <summary>How much it matters, 1 to 100.</summary>
    [YamlMember(Alias = "weight")]
    public int Weight { get; set; }
}

/// <summary>Pods near which a pod likes to run, or has to.</summary>
[YamlSerializable]
public sealed class PodAffinityV1
{
    /// <summary>What is liked.</summary>
    [YamlMember(Alias = "preferredDuringSchedulingIgnoredDuringExecution")]
    public List<WeightedPodAffinityTermV1> PreferredDuringSchedulingIgnoredDuringExecution { get; } = [];

    /// <summary>What is needed.</summary>
    [YamlMember(Alias = "requiredDuringSchedulingIgnoredDuringExecution")]
    public List<PodAffinityTermV1> RequiredDuringSchedulingIgnoredDuringExecution { get; } = [];
}

/// <summary>Pods near which a pod does not like to run, or must not.</summary>
[YamlSerializable]
public sealed class PodAntiAffinityV1
{
    /// <summary>What is liked.</summary>
    [YamlMember(Alias = "preferredDuringSchedulingIgnoredDuringExecution")]
    public List<WeightedPodAffinityTermV1> PreferredDuringSchedulingIgnoredDuringExecution { get; } = [];

    /// <summary>What is needed.</summary>
    [YamlMember(Alias = "requiredDuringSchedulingIgnoredDuringExecution")]
    public List<PodAffinityTermV1> RequiredDuringSchedulingIgnoredDuringExecution { get; } = [];
}

/// <summary>Which pods, and what near means.</summary>
[YamlSerializable]
public sealed class PodAffinityTermV1
{
    /// <summary>Which pods.</summary>
    [YamlMember(Alias = "labelSelector")]
    public LabelSelectorV1 LabelSelector { get; set; } = new();

    /// <summary>Which namespaces, by their labels.</summary>
    [YamlMember(Alias = "namespaceSelector")]
    public LabelSelectorV1 NamespaceSelector { get; set; } = new();

    /// <summary>Labels whose values have to be the same.</summary>
    [YamlMember(Alias = "matchLabelKeys")]
    public List<string> MatchLabelKeys { get; } = [];

    /// <summary>Labels whose values have to differ.</summary>
    [YamlMember(Alias = "mismatchLabelKeys")]
    public List<string> MismatchLabelKeys { get; } = [];

    /// <summary>Which namespaces.</summary>
    [YamlMember(Alias = "namespaces")]
    public List<string> Namespaces { get; } = [];

    /// <summary>The label of the nodes that says what one place is.</summary>
    [YamlMember(Alias = "topologyKey")]
    public string TopologyKey { get; set; } = null!;
}

/// <summary>Which pods, and how much it matters.</summary>
[YamlSerializable]
public sealed class WeightedPodAffinityTermV1
{
    /// <summary>Which pods.</summary>
    [YamlMember(Alias = "podAffinityTerm")]
    public PodAffinityTermV1 PodAffinityTerm { get; set; } = new();

    /// <summary>How much it matters, 1 to 100.</summary>
    [YamlMember(Alias = "weight")]
    public int Weight { get; set; }
}
