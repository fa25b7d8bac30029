using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A volume of a pod.</summary>
[YamlSerializable]
public sealed class VolumeV1
{
    /// <summary>An image's files.</summary>
    [YamlMember(Alias = "image")]
    public ImageVolumeSourceV1? Image { get; set; }

    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>A folder of the node.</summary>
    [YamlMember(Alias = "hostPath")]
    public HostPathVolumeSourceV1? HostPath { get; set; }

    /// <summary>Storage that a claim asked for.</summary>
    [YamlMember(Alias = "persistentVolumeClaim")]
    public PersistentVolumeClaimVolumeSourceV1? PersistentVolumeClaim { get; set; }

    /// <summary>The keys of a config map.</summary>
    [YamlMember(Alias = "configMap")]
    public ConfigMapVolumeSourceV1? ConfigMap { get; set; }

    /// <summary>A folder that lives as long as the pod.</summary>
    [YamlMember(Alias = "emptyDir")]
    public EmptyDirVolumeSourceV1? EmptyDir { get; set; }

    /// <summary>The keys of a secret.</summary>
    [YamlMember(Alias = "secret")]
    public SecretVolumeSourceV1? Secret { get; set; }
}

/// <summary>A folder that lives as long as the pod.</summary>
[YamlSerializable]
public sealed class EmptyDirVolumeSourceV1
{
    /// <summary><c>Memory</c>, or else the disk of the node.</summary>
    [YamlMember(Alias = "medium")]
    public string? Medium { get; set; }

    /// <summary>The size at most.</summary>
    [YamlMember(Alias = "sizeLimit")]
    public string? SizeLimit { get; set; }
}

/// <summary>A folder of the node.</summary>
[YamlSerializable]
public sealed class HostPathVolumeSourceV1
{
    /// <summary>The kind, as Kubernetes names it.</summary>
    [YamlMember(Alias = "type")]
    public string Type { get; set; } = null!;

    /// <summary>The path.</summary>
    [YamlMember(Alias = "path")]
    public string Path { get; set; } = null!;
}

/// <summary>The keys of a config map as files.</summary>
[YamlSerializable]
public sealed class ConfigMapVolumeSourceV1
{
    /// <summary>The permissions of the files.</summary>
    [YamlMember(Alias = "defaultMode")]
    public int? DefaultMode { get; set; }

    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>Whether it may be missing.</summary>
    [YamlMember(Alias = "optional")]
    public bool? Optional { get; set; }

    /// <summary>Which keys become which files; all by default.</summary>
    [YamlMember(Alias = "items")]
    public List<KeyToPathV1> Items { get; } = [];
}

/// <summary>The keys of a secret as files.</summary>
[YamlSerializable]
public sealed class SecretVolumeSourceV1
{
    /// <summary>The permissions of the files.</summary>
    [YamlMember(Alias = "defaultMode")]
    public int? DefaultMode { get; set; }

    /// <summary>The name of the secret.</summary>
    [YamlMember(Alias = "secretName")]
    public string SecretName { get; set; } = null!;

    /// <summary>Whether it may be missing.</summary>
    [YamlMember(Alias = "optional")]
    public bool? Optional { get; set; }

    /// <summary>Which keys become which files; all by default.</summary>
    [YamlMember(Alias = "items")]
    public List<KeyToPathV1> Items { get; } = [];
}

/// <summary>A key and the file that it becomes.</summary>
[YamlSerializable]
public sealed class KeyToPathV1
{
    /// <summary>The permissions.</summary>
    [YamlMember(Alias = "mode")]
    public int? Mode { get; set; }

    /// <summary>The path.</summary>
    [YamlMember(Alias = "path")]
    public string Path { get; set; } = null!;

    /// <summary>The key.</summary>
    [YamlMember(Alias = "key")]
    public string Key { get; set; } = null!;
}

/// <summary>An image's files.</summary>
[YamlSerializable]
public sealed class ImageVolumeSourceV1
{
    /// <summary>The image.</summary>
    [YamlMember(Alias = "reference")]
    public string Reference { get; set; } = null!;

    /// <summary>When the image is pulled.</summary>
    [YamlMember(Alias = "pullPolicy")]
    public string PullPolicy { get; set; } = null!;
}

/// <summary>Storage that a claim asked for.</summary>
[YamlSerializable]
public sealed class PersistentVolumeClaimVolumeSourceV1
{
    /// <summary>The name of the claim.</summary>
    [YamlMember(Alias = "claimName")]
    public string ClaimName { get; set; } = null!;

    /// <summary>Whether it may only be read.</summary>
    [YamlMember(Alias = "readOnly")]
    public bool? ReadOnly { get; set; }
}
