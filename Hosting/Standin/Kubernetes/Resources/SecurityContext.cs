using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>As whom the containers of a pod run.</summary>
[YamlSerializable]
public sealed class PodSecurityContextV1
{
    /// <summary>Which system calls are allowed.</summary>
    [YamlMember(Alias = "seccompProfile")]
    public SeccompProfileV1? SeccompProfile { get; set; }

    /// <summary>The group that owns the volumes.</summary>
    [YamlMember(Alias = "fsGroup")]
    public long? FsGroup { get; set; }

    /// <summary>The group.</summary>
    [YamlMember(Alias = "runAsGroup")]
    public long? RunAsGroup { get; set; }

    /// <summary>The user.</summary>
    [YamlMember(Alias = "runAsUser")]
    public long? RunAsUser { get; set; }

    /// <summary>More groups.</summary>
    [YamlMember(Alias = "supplementalGroups")]
    public List<long> SupplementalGroups { get; } = [];

    /// <summary>Whether root is refused.</summary>
    [YamlMember(Alias = "runAsNonRoot")]
    public bool? RunAsNonRoot { get; set; }

    /// <summary>When the owner of a volume is changed.</summary>
    [YamlMember(Alias = "fsGroupChangePolicy")]
    public string FsGroupChangePolicy { get; set; } = null!;
}

/// <summary>As whom a container runs, and what it may do.</summary>
[YamlSerializable]
public sealed class SecurityContextV1
{
    /// <summary>Whether it may do what the node may.</summary>
    [YamlMember(Alias = "privileged")]
    public bool? Privileged { get; set; }

    /// <summary>Which system calls are allowed.</summary>
    [YamlMember(Alias = "seccompProfile")]
    public SeccompProfileV1? SeccompProfile { get; set; }

    /// <summary>Whether the image's files may only be read.</summary>
    [YamlMember(Alias = "readOnlyRootFilesystem")]
    public bool? ReadOnlyRootFilesystem { get; set; }

    /// <summary>Whether a process may get more rights than its parent.</summary>
    [YamlMember(Alias = "allowPrivilegeEscalation")]
    public bool? AllowPrivilegeEscalation { get; set; }

    /// <summary>The group.</summary>
    [YamlMember(Alias = "runAsGroup")]
    public long? RunAsGroup { get; set; }

    /// <summary>The user.</summary>
    [YamlMember(Alias = "runAsUser")]
    public long? RunAsUser { get; set; }

    /// <summary>Parts of root's power.</summary>
    [YamlMember(Alias = "capabilities")]
    public CapabilitiesV1? Capabilities { get; set; }

    /// <summary>Whether root is refused.</summary>
    [YamlMember(Alias = "runAsNonRoot")]
    public bool? RunAsNonRoot { get; set; }
}

/// <summary>Which system calls are allowed.</summary>
[YamlSerializable]
public sealed class SeccompProfileV1
{
    /// <summary>A profile of the node.</summary>
    [YamlMember(Alias = "localhostProfile")]
    public string LocalhostProfile { get; set; } = null!;

    /// <summary>The kind, as Kubernetes names it.</summary>
    [YamlMember(Alias = "type")]
    public string Type { get; set; } = null!;
}

/// <summary>Parts of root's power.</summary>
[YamlSerializable]
public sealed class CapabilitiesV1
{
    /// <summary>What is added.</summary>
    [YamlMember(Alias = "add")]
    public List<string> Add { get; } = [];

    /// <summary>What is taken away.</summary>
    [YamlMember(Alias = "drop")]
    public List<string> Drop { get; } = [];
}
