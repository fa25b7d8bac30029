using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>What is done when a container starts and before it ends.</summary>
[YamlSerializable]
public sealed class LifecycleV1
{
    /// <summary>Before it ends.</summary>
    [YamlMember(Alias = "preStop")]
    public LifecycleHandlerV1 PreStop { get; set; } = null!;

    /// <summary>After it started.</summary>
    [YamlMember(Alias = "postStart")]
    public LifecycleHandlerV1 PostStart { get; set; } = null!;
}

/// <summary>One thing to do.</summary>
[YamlSerializable]
public sealed class LifecycleHandlerV1
{
    /// <summary>A command.</summary>
    [YamlMember(Alias = "exec")]
    public ExecActionV1 Exec { get; set; } = new();

    /// <summary>A pause.</summary>
    [YamlMember(Alias = "sleep")]
    public SleepActionV1 Sleep { get; set; } = new();

    /// <summary>An HTTP request.</summary>
    [YamlMember(Alias = "httpGet")]
    public HttpGetActionV1 HttpGet { get; set; } = new();

    /// <summary>A TCP connection.</summary>
    [YamlMember(Alias = "tcpSocket")]
    public TcpSocketActionV1 TcpSocket { get; set; } = new();
}

/// <summary>A pause.</summary>
[YamlSerializable]
public sealed class SleepActionV1
{
    /// <summary>How long.</summary>
    [YamlMember(Alias = "seconds")]
    public long Seconds { get; set; }
}
