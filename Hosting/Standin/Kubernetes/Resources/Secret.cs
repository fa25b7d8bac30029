using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Settings that are to be hidden.</summary>
[YamlSerializable]
public sealed class Secret() : BaseKubernetesResource("v1", "Secret")
{
    /// <summary>The keys and their values, in Base64.</summary>
    [YamlMember(Alias = "data")]
    public Dictionary<string, string> Data { get; } = [];

    /// <summary>The keys and their values, as text.</summary>
    [YamlMember(Alias = "stringData")]
    public Dictionary<string, string> StringData { get; } = [];

    /// <summary>Whether it can be changed.</summary>
    [YamlMember(Alias = "immutable")]
    public bool? Immutable { get; set; }

    /// <summary><c>Opaque</c> by default.</summary>
    [YamlMember(Alias = "type")]
    public string Type { get; set; } = "Opaque";
}
