using YamlDotNet.Serialization;

namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Asks a container how it is.</summary>
[YamlSerializable]
public sealed class ProbeV1
{
    /// <summary>A command.</summary>
    [YamlMember(Alias = "exec")]
    public ExecActionV1? Exec { get; set; }

    /// <summary>Failures in a row that count as one.</summary>
    [YamlMember(Alias = "failureThreshold")]
    public int? FailureThreshold { get; set; }

    /// <summary>Successes in a row after a failure that count as one.</summary>
    [YamlMember(Alias = "successThreshold")]
    public int? SuccessThreshold { get; set; }

    /// <summary>Seconds from the start to the first time.</summary>
    [YamlMember(Alias = "initialDelaySeconds")]
    public int? InitialDelaySeconds { get; set; }

    /// <summary>Seconds from one time to the next.</summary>
    [YamlMember(Alias = "periodSeconds")]
    public int? PeriodSeconds { get; set; }

    /// <summary>Seconds from the request to end to the kill.</summary>
    [YamlMember(Alias = "terminationGracePeriodSeconds")]
    public long? TerminationGracePeriodSeconds { get; set; }

    /// <summary>Seconds until no answer is a failure.</summary>
    [YamlMember(Alias = "timeoutSeconds")]
    public int? TimeoutSeconds { get; set; }

    /// <summary>An HTTP request.</summary>
    [YamlMember(Alias = "httpGet")]
    public HttpGetActionV1? HttpGet { get; set; }

    /// <summary>A TCP connection.</summary>
    [YamlMember(Alias = "tcpSocket")]
    public TcpSocketActionV1? TcpSocket { get; set; }
}

/// <summary>An HTTP request.</summary>
[YamlSerializable]
public sealed class HttpGetActionV1
{
    /// <summary><c>HTTP</c> or <c>HTTPS</c>.</summary>
    [YamlMember(Alias = "scheme")]
    public string Scheme { get; set; } = null!;

    /// <summary>The path.</summary>
    [YamlMember(Alias = "path")]
    public string Path { get; set; } = null!;

    /// <summary>The headers.</summary>
    [YamlMember(Alias = "httpHeaders")]
    public List<HttpHeaderV1> HttpHeaders { get; } = [];

    /// <summary>The host; the pod by default.</summary>
    [YamlMember(Alias = "host")]
    public string Host { get; set; } = null!;

    /// <summary>The port.</summary>
    [YamlMember(Alias = "port")]
    public Int32OrStringV1? Port { get; set; }
}

/// <summary>A header of an HTTP request.</summary>
[YamlSerializable]
public sealed class HttpHeaderV1
{
    /// <summary>The name.</summary>
    [YamlMember(Alias = "name")]
    public string Name { get; set; } = null!;

    /// <summary>The value.</summary>
    [YamlMember(Alias = "value")]
    public string Value { get; set; } = null!;
}

/// <summary>A TCP connection.</summary>
[YamlSerializable]
public sealed class TcpSocketActionV1
{
    /// <summary>The host; the pod by default.</summary>
    [YamlMember(Alias = "host")]
    public string Host { get; set; } = null!;

    /// <summary>The port.</summary>
    [YamlMember(Alias = "port")]
    public int Port { get; set; }
}

/// <summary>A command in the container.</summary>
[YamlSerializable]
public sealed class ExecActionV1
{
    /// <summary>The program and its arguments.</summary>
    [YamlMember(Alias = "command")]
    public List<string> Command { get; } = [];
}
