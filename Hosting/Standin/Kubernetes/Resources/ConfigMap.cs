using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Settings that are no secret.</summary>
[YamlSerializable]
public sealed class ConfigMap() : BaseKubernetesResource("v1", "ConfigMap")
{
    /// <summary>Keys with bytes.</summary>
    [YamlMember(Alias = "binaryData")]
    public Dictionary<string, string> BinaryData { get; } = [];

    /// <summary>The keys and their values.</summary>
    [YamlMember(Alias = "data")]
    public Dictionary<string, string> Data { get; } = [];

    /// <summary>Whether it can be changed.</summary>
    [YamlMember(Alias = "immutable")]
    public bool? Immutable { get; set; }
}
