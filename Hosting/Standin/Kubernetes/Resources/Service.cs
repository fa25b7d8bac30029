using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>One address for the pods that a selector finds.</summary>
[YamlSerializable]
public sealed class Service() : BaseKubernetesResource("v1", "Service")
{
    /// <summary>What it consists of.</summary>
    [YamlMember(Alias = "spec")]
    public ServiceSpecV1 Spec { get; set; } = new();
}

/// <summary>What a service consists of.</summary>
[YamlSerializable]
public sealed class ServiceSpecV1
{
    /// <summary>The address in the cluster; <c>None</c> for none.</summary>
    [YamlMember(Alias = "clusterIP")]
    public string? ClusterIp { get; set; }

    /// <summary><c>ClusterIP</c>, <c>NodePort</c> or <c>LoadBalancer</c>.</summary>
    [YamlMember(Alias = "type")]
    public string Type { get; set; } = "ClusterIP";

    /// <summary>Which objects belong to it.</summary>
    [YamlMember(Alias = "selector")]
    public Dictionary<string, string> Selector { get; set; } = [];

    /// <summary>The ports.</summary>
    [YamlMember(Alias = "ports")]
    public List<ServicePortV1> Ports { get; } = [];

    /// <summary>Whether pods count that are not ready.</summary>
    [YamlMember(Alias = "publishNotReadyAddresses")]
    public bool? PublishNotReadyAddresses { get; set; }

    /// <summary>Whether requests from outside stay on their node.</summary>
    [YamlMember(Alias = "externalTrafficPolicy")]
    public string? ExternalTrafficPolicy { get; set; }

    /// <summary>Whether a client always gets the same pod.</summary>
    [YamlMember(Alias = "sessionAffinity")]
    public string? SessionAffinity { get; set; }
}

/// <summary>A port of a service.</summary>
[YamlSerializable]
public sealed class ServicePortV1
{
    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>The protocol above TCP.</summary>
    [YamlMember(Alias = "appProtocol")]
    public string AppProtocol { get; set; } = null!;

    /// <summary>TCP or UDP.</summary>
    [YamlMember(Alias = "protocol")]
    public string Protocol { get; set; } = null!;

    /// <summary>The port on every node.</summary>
    [YamlMember(Alias = "nodePort")]
    public int? NodePort { get; set; }

    /// <summary>The service's port.</summary>
    [YamlMember(Alias = "port")]
    public Int32OrStringV1 Port { get; set; } = null!;

    /// <summary>The container's port.</summary>
    [YamlMember(Alias = "targetPort")]
    public Int32OrStringV1 TargetPort { get; set; } = null!;
}
