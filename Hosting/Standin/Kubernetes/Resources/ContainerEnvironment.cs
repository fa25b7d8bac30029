using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>An environment variable.</summary>
[YamlSerializable]
public sealed class EnvVarV1
{
    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>The value.</summary>
    [YamlMember(Alias = "value")]
    public string Value { get; set; } = null!;

    /// <summary>Where the value comes from.</summary>
    [YamlMember(Alias = "valueFrom")]
    public EnvVarSourceV1? ValueFrom { get; set; }
}

/// <summary>Where a variable takes its value from.</summary>
[YamlSerializable]
public sealed class EnvVarSourceV1
{
    /// <summary>A key of a config map.</summary>
    [YamlMember(Alias = "configMapKeyRef")]
    public ConfigMapKeySelectorV1? ConfigMapKeyRef { get; set; }

    /// <summary>A field of the pod.</summary>
    [YamlMember(Alias = "fieldRef")]
    public ObjectFieldSelectorV1? FieldRef { get; set; }

    /// <summary>A key of a secret.</summary>
    [YamlMember(Alias = "secretKeyRef")]
    public SecretKeySelectorV1? SecretKeyRef { get; set; }
}

/// <summary>A key of a config map.</summary>
[YamlSerializable]
public sealed class ConfigMapKeySelectorV1
{
    /// <summary>The name of the config map.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>Whether it may be missing.</summary>
    [YamlMember(Alias = "optional")]
    public bool? Optional { get; set; }

    /// <summary>The key.</summary>
    [YamlMember(Alias = "key")]
    public string Key { get; set; } = null!;
}

/// <summary>A key of a secret.</summary>
[YamlSerializable]
public sealed class SecretKeySelectorV1
{
    /// <summary>The name of the secret.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>Whether it may be missing.</summary>
    [YamlMember(Alias = "optional")]
    public bool? Optional { get; set; }

    /// <summary>The key.</summary>
    [YamlMember(Alias = "key")]
    public string Key { get; set; } = null!;
}

/// <summary>A field of the pod itself.</summary>
[YamlSerializable]
public sealed class ObjectFieldSelectorV1
{
    /// <summary>The path of the field.</summary>
    [YamlMember(Alias = "fieldPath")]
    public string FieldPath { get; set; } = null!;

    /// <summary>The version of the API.</summary>
    [YamlMember(Alias = "apiVersion")]
    public string ApiVersion { get; set; } = null!;
}

/// <summary>Where variables come from, all together.</summary>
[YamlSerializable]
public sealed class EnvFromSourceV1
{
    /// <summary>A config map.</summary>
    [YamlMember(Alias = "configMapRef")]
    public ConfigMapEnvSourceV1? ConfigMapRef { get; set; }

    /// <summary>A secret.</summary>
    [YamlMember(Alias = "secretRef")]
    public SecretEnvSourceV1? SecretRef { get; set; }

    /// <summary>What the names begin with.</summary>
    [YamlMember(Alias = "prefix")]
    public string? Prefix { get; set; }
}

/// <summary>A config map whose keys are variables.</summary>
[YamlSerializable]
public sealed class ConfigMapEnvSourceV1
{
    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>Whether it may be missing.</summary>
    [YamlMember(Alias = "optional")]
    public bool? Optional { get; set; }
}

/// <summary>A secret whose keys are variables.</summary>
[YamlSerializable]
public sealed class SecretEnvSourceV1
{
    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>Whether it may be missing.</summary>
    [YamlMember(Alias = "optional")]
    public bool? Optional { get; set; }
}
