using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Asks for storage that outlives pods.</summary>
[YamlSerializable]
public sealed class PersistentVolumeClaim() : BaseKubernetesResource("v1", "PersistentVolumeClaim")
{
    /// <summary>What it consists of.</summary>
    [YamlMember(Alias = "spec")]
    public PersistentVolumeClaimSpecV1 Spec { get; set; } = new();
}

/// <summary>What is asked for.</summary>
[YamlSerializable]
public sealed class PersistentVolumeClaimSpecV1
{
    /// <summary>The class of storage.</summary>
    [YamlMember(Alias = "storageClassName")]
    public string StorageClassName { get; set; } = null!;

    /// <summary>The volume that is to be used.</summary>
    [YamlMember(Alias = "volumeName")]
    public string VolumeName { get; set; } = null!;

    /// <summary>Which objects belong to it.</summary>
    [YamlMember(Alias = "selector")]
    public LabelSelectorV1? Selector { get; set; }

    /// <summary>How many nodes may use it at a time.</summary>
    [YamlMember(Alias = "accessModes")]
    public List<string> AccessModes { get; } = [];

    /// <summary>What it needs, and what it may use at most.</summary>
    [YamlMember(Alias = "resources")]
    public VolumeResourceRequirementsV1 Resources { get; set; } = new();
}

/// <summary>How much storage there has to be.</summary>
[YamlSerializable]
public sealed class VolumeResourceRequirementsV1
{
    /// <summary>What may be used at most.</summary>
    [YamlMember(Alias = "limits")]
    public Dictionary<string, string> Limits { get; } = [];

    /// <summary>What is needed.</summary>
    [YamlMember(Alias = "requests")]
    public Dictionary<string, string> Requests { get; } = [];
}
