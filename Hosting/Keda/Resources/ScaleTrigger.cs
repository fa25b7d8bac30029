using YamlDotNet.Serialization;

namespace SdAspire.Hosting.Keda.Resources;

/// <summary>What KEDA counts.</summary>
[YamlSerializable]
public sealed class ScaleTrigger
{
    /// <summary>The kind of source, for example <c>rabbitmq</c>.</summary>
    [YamlMember(Alias = "type")]
    public string Type { get; set; } = "";

    /// <summary>The source's own settings; all are text.</summary>
    [YamlMember(Alias = "metadata")]
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Where the secrets come from.</summary>
    [YamlMember(Alias = "authenticationRef")]
    public AuthenticationRef? AuthenticationRef { get; set; }
}

/// <summary>The name of a TriggerAuthentication.</summary>
[YamlSerializable]
public sealed class AuthenticationRef
{
    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = "";
}
