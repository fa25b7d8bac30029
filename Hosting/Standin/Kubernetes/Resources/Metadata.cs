using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>What every object has.</summary>
[YamlSerializable]
public sealed class ObjectMetaV1
{
    /// <summary>A prefix to which the cluster adds the rest of the name.</summary>
    [YamlMember(Alias = "generateName")]
    public string GenerateName { get; set; } = null!;

    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>The namespace; that of the release by default.</summary>
    [YamlMember(Alias = "namespace")]
    public string Namespace { get; set; } = null!;

    /// <summary>Notes that nothing is selected by.</summary>
    [YamlMember(Alias = "annotations")]
    public Dictionary<string, string> Annotations { get; } = [];

    /// <summary>What objects are selected by.</summary>
    [YamlMember(Alias = "labels")]
    public Dictionary<string, string> Labels { get; set; } = [];
}

/// <summary>Finds objects by their labels.</summary>
[YamlSerializable]
public sealed class LabelSelectorV1
{
    /// <summary>Finds all objects.</summary>
    public LabelSelectorV1()
    {
    }

    /// <summary>Finds objects that have all those labels.</summary>
    public LabelSelectorV1(Dictionary<string, string> matchLabels) => MatchLabels = matchLabels;

    /// <summary>Conditions that all have to be met.</summary>
    [YamlMember(Alias = "matchExpressions")]
    public List<LabelSelectorRequirementV1> MatchExpressions { get; set; } = [];

    /// <summary>Labels that all have to be there.</summary>
    [YamlMember(Alias = "matchLabels")]
    public Dictionary<string, string> MatchLabels { get; set; } = [];
}

/// <summary>A condition on one label.</summary>
[YamlSerializable]
public sealed class LabelSelectorRequirementV1
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

/// <summary>Refers to an object of the same namespace.</summary>
[YamlSerializable]
public sealed class LocalObjectReferenceV1
{
    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;
}
