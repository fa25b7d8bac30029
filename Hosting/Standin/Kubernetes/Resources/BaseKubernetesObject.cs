using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Whatever has a version and a kind.</summary>
/// <param name="apiVersion">The version of the API that knows the kind.</param>
/// <param name="kind">The kind.</param>
[YamlSerializable]
public abstract class BaseKubernetesObject(string? apiVersion = null, string? kind = null)
{
    /// <summary>The kind.</summary>
    [YamlMember(Alias = "kind", Order = -2)]
    public string? Kind { get; set; } = kind;

    /// <summary>The version of the API that knows the kind.</summary>
    [YamlMember(Alias = "apiVersion", Order = -3)]
    public string? ApiVersion { get; set; } = apiVersion;
}

/// <summary>An object of a cluster; derive from it for kinds that are not here.</summary>
/// <param name="apiVersion">The version of the API that knows the kind.</param>
/// <param name="kind">The kind.</param>
[YamlSerializable]
public abstract class BaseKubernetesResource(string apiVersion, string kind) : BaseKubernetesObject(apiVersion, kind)
{
    /// <summary>Name, labels and annotations.</summary>
    [YamlMember(Alias = "metadata", Order = -1)]
    public ObjectMetaV1 Metadata { get; set; } = new();
}

/// <summary>An object that makes pods.</summary>
/// <param name="apiVersion">The version of the API that knows the kind.</param>
/// <param name="kind">The kind.</param>
public abstract class Workload(string apiVersion, string kind) : BaseKubernetesResource(apiVersion, kind)
{
    /// <summary>What the pods are made from.</summary>
    [YamlIgnore]
    public abstract PodTemplateSpecV1 PodTemplate { get; }
}
