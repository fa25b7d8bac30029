using System.Diagnostics;
using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint on which a resource listens.</summary>
[DebuggerDisplay("Name = {Name}, UriScheme = {UriScheme}, Port = {Port}")]
public sealed class EndpointAnnotation : IResourceAnnotation
{
    /// <summary>Describes an endpoint.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="uriScheme">The scheme of the endpoint's URI; the protocol's name by default.</param>
    /// <param name="transport">The transport, for example <c>http2</c>.</param>
    /// <param name="name">The name; the scheme by default.</param>
    /// <param name="port">The port that others use; a free one by default.</param>
    /// <param name="targetPort">The port that the resource itself listens on.</param>
    /// <param name="isExternal">Whether it is reachable from outside the application.</param>
    /// <param name="isProxied">Whether a proxy may stand before the resource; the stand-in has none.</param>
    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        [EndpointName] string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        Transport = transport ?? (UriScheme is "http" or "https" ? "http" : UriScheme);
        Name = name ?? UriScheme;
        ModelName.Validate("Endpoint", Name);
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied ?? true;
    }

    /// <summary>TCP or UDP.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The port that others use.</summary>
    public int? Port { get; set; }

    /// <summary>The port that the resource itself listens on.</summary>
    public int? TargetPort { get; set; }

    /// <summary>The address that the resource listens on.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>The scheme of the endpoint's URI.</summary>
    public string UriScheme { get; set; }

    /// <summary>The name of the endpoint.</summary>
    public string Name { get; set; }

    /// <summary>The transport.</summary>
    public string Transport { get; set; }

    /// <summary>Whether it is reachable from outside the application.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Whether a proxy may stand before the resource.</summary>
    public bool IsProxied { get; set; }

    /// <summary>Where the endpoint really is, once the application has started.</summary>
    public AllocatedEndpoint? AllocatedEndpoint { get; set; }
}

/// <summary>Where an endpoint really is.</summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="address">Its address.</param>
/// <param name="port">Its port.</param>
/// <param name="targetPortExpression">How the resource itself is told its port.</param>
public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
{
    internal string? TargetPortExpression => targetPortExpression;

    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint => endpoint;

    /// <summary>The address.</summary>
    public string Address => address;

    /// <summary>The port.</summary>
    public int Port => port;

    /// <summary>The scheme of the endpoint's URI.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Address and port.</summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary>The URI.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <summary>The URI.</summary>
    public override string ToString() => UriString;
}
