using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A taint that a pod puts up with.</summary>
[YamlSerializable]
public sealed class TolerationV1
{
    /// <summary>The value.</summary>
    [YamlMember(Alias = "value")]
    public string Value { get; set; } = null!;

    /// <summary>How it is compared, for example <c>In</c>.</summary>
    [YamlMember(Alias = "operator")]
    public string Operator { get; set; } = null!;

    /// <summary>How long it is put up with.</summary>
    [YamlMember(Alias = "tolerationSeconds")]
    public long? TolerationSeconds { get; set; }

    /// <summary>What the taint does.</summary>
    [YamlMember(Alias = "effect")]
    public string Effect { get; set; } = null!;

    /// <summary>The key.</summary>
    [YamlMember(Alias = "key")]
    public string Key { get; set; } = null!;
}

/// <summary>How evenly pods are spread.</summary>
[YamlSerializable]
public sealed class TopologySpreadConstraintV1
{
    /// <summary>What to do with a pod for which there is no such place.</summary>
    [YamlMember(Alias = "whenUnsatisfiable")]
    public string? WhenUnsatisfiable { get; set; }

    /// <summary>Which pods.</summary>
    [YamlMember(Alias = "labelSelector")]
    public LabelSelectorV1 LabelSelector { get; set; } = new();

    /// <summary>Labels whose values have to be the same.</summary>
    [YamlMember(Alias = "matchLabelKeys")]
    public List<string> MatchLabelKeys { get; } = [];

    /// <summary>How many places there are at least.</summary>
    [YamlMember(Alias = "minDomains")]
    public int? MinDomains { get; set; }

    /// <summary>By how many pods places may differ.</summary>
    [YamlMember(Alias = "maxSkew")]
    public int? MaxSkew { get; set; }

    /// <summary>Whether only nodes with affinity count.</summary>
    [YamlMember(Alias = "nodeAffinityPolicy")]
    public string? NodeAffinityPolicy { get; set; }

    /// <summary>Whether nodes with taints count.</summary>
    [YamlMember(Alias = "nodeTaintsPolicy")]
    public string? NodeTaintsPolicy { get; set; }

    /// <summary>The label of the nodes that says what one place is.</summary>
    [YamlMember(Alias = "topologyKey")]
    public string? TopologyKey { get; set; }
}
