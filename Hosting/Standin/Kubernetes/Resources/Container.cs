using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>A container of a pod.</summary>
[YamlSerializable]
public sealed class ContainerV1
{
    /// <summary>The program and its arguments.</summary>
    [YamlMember(Alias = "command")]
    public List<string> Command { get; } = [];

    /// <summary>The image.</summary>
    [YamlMember(Alias = "image")]
    public string Image { get; set; } = null!;

    /// <summary>What is done when it starts and before it ends.</summary>
    [YamlMember(Alias = "lifecycle")]
    public LifecycleV1? Lifecycle { get; set; }

    /// <summary>Whether it has to be started again.</summary>
    [YamlMember(Alias = "livenessProbe")]
    public ProbeV1? LivenessProbe { get; set; }

    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>Whether it may get requests.</summary>
    [YamlMember(Alias = "readinessProbe")]
    public ProbeV1? ReadinessProbe { get; set; }

    /// <summary>Whether it has started.</summary>
    [YamlMember(Alias = "startupProbe")]
    public ProbeV1? StartupProbe { get; set; }

    /// <summary>Where variables come from, all together.</summary>
    [YamlMember(Alias = "envFrom")]
    public List<EnvFromSourceV1> EnvFrom { get; } = [];

    /// <summary>The working directory.</summary>
    [YamlMember(Alias = "workingDir")]
    public string? WorkingDir { get; set; }

    /// <summary>The arguments of the program.</summary>
    [YamlMember(Alias = "args")]
    public List<string> Args { get; } = [];

    /// <summary>The ports.</summary>
    [YamlMember(Alias = "ports")]
    public List<ContainerPortV1> Ports { get; } = [];

    /// <summary>What it needs, and what it may use at most.</summary>
    [YamlMember(Alias = "resources")]
    public ResourceRequirementsV1? Resources { get; set; }

    /// <summary>Where it sees the volumes.</summary>
    [YamlMember(Alias = "volumeMounts")]
    public List<VolumeMountV1> VolumeMounts { get; } = [];

    /// <summary>As whom it runs.</summary>
    [YamlMember(Alias = "securityContext")]
    public SecurityContextV1? SecurityContext { get; set; }

    /// <summary>The environment variables.</summary>
    [YamlMember(Alias = "env")]
    public List<EnvVarV1> Env { get; } = [];

    /// <summary>When the image is pulled.</summary>
    [YamlMember(Alias = "imagePullPolicy")]
    public string ImagePullPolicy { get; set; } = "IfNotPresent";
}

/// <summary>A port on which a container listens.</summary>
[YamlSerializable]
public sealed class ContainerPortV1
{
    /// <summary>The address of the node.</summary>
    [YamlMember(Alias = "hostIP")]
    public string HostIp { get; set; } = null!;

    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>TCP or UDP.</summary>
    [YamlMember(Alias = "protocol")]
    public string Protocol { get; set; } = null!;

    /// <summary>The port.</summary>
    [YamlMember(Alias = "containerPort")]
    public Int32OrStringV1? ContainerPort { get; set; }

    /// <summary>The port of the node.</summary>
    [YamlMember(Alias = "hostPort")]
    public Int32OrStringV1? HostPort { get; set; }
}

/// <summary>What a container needs, and what it may use at most.</summary>
[YamlSerializable]
public sealed class ResourceRequirementsV1
{
    /// <summary>What may be used at most.</summary>
    [YamlMember(Alias = "limits")]
    public Dictionary<string, string> Limits { get; } = [];

    /// <summary>What is needed.</summary>
    [YamlMember(Alias = "requests")]
    public Dictionary<string, string> Requests { get; } = [];
}

/// <summary>Where a container sees a volume.</summary>
[YamlSerializable]
public sealed class VolumeMountV1
{
    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>The path in the container.</summary>
    [YamlMember(Alias = "mountPath")]
    public string MountPath { get; set; } = null!;

    /// <summary>The path in the volume.</summary>
    [YamlMember(Alias = "subPath")]
    public string SubPath { get; set; } = null!;

    /// <summary>The path in the volume, with variables in it.</summary>
    [YamlMember(Alias = "subPathExpr")]
    public string? SubPathExpr { get; set; }

    /// <summary>Whether it may only be read.</summary>
    [YamlMember(Alias = "readOnly")]
    public bool? ReadOnly { get; set; }
}
