using Aspire.Hosting.Kubernetes.Resources;
using YamlDotNet.Serialization;

namespace SdAspire.Hosting.Keda.Resources;

/// <summary>KEDA's TriggerAuthentication (<c>keda.sh/v1alpha1</c>): the secrets of a trigger.</summary>
[YamlSerializable]
public sealed class TriggerAuthentication() : BaseKubernetesResource("keda.sh/v1alpha1", "TriggerAuthentication")
{
    /// <summary>What KEDA is told.</summary>
    [YamlMember(Alias = "spec")]
    public TriggerAuthenticationSpec Spec { get; set; } = new();
}

/// <summary>Where a trigger's secrets come from.</summary>
[YamlSerializable]
public sealed class TriggerAuthenticationSpec
{
    /// <summary>Keys of Kubernetes secrets.</summary>
    [YamlMember(Alias = "secretTargetRef")]
    public List<SecretTargetRef> SecretTargetRef { get; } = [];
}

/// <summary>One key of a Kubernetes secret.</summary>
[YamlSerializable]
public sealed class SecretTargetRef
{
    /// <summary>The trigger's parameter, for example <c>host</c>.</summary>
    [YamlMember(Alias = "parameter")]
    public string Parameter { get; set; } = "";

    /// <summary>The secret's name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = "";

    /// <summary>The key in the secret.</summary>
    [YamlMember(Alias = "key")]
    public string Key { get; set; } = "";
}
