using System.Globalization;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Where an endpoint is in a cluster.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Host">The service.</param>
/// <param name="Port">The port of the container.</param>
/// <param name="ExposedPort">The port of the service, where it is another one.</param>
sealed record EndpointMapping(EndpointAnnotation Endpoint, string Host, HelmValue Port, HelmValue? ExposedPort = null)
{
    public string Name => Endpoint.Name;

    public string Scheme => Endpoint.UriScheme;

    public HelmValue ServicePort => ExposedPort ?? Port;

    public string Protocol => Endpoint.Protocol switch
    {
        ProtocolType.Tcp => "TCP",
        ProtocolType.Udp => "UDP",
        _ => throw new DistributedApplicationException(
            $"A service cannot have the protocol {Endpoint.Protocol} of endpoint '{Name}'."),
    };

    /// <summary>One port is opened once, whatever the names of its endpoints.</summary>
    public (string Port, string Protocol) Identity => (Port.ToString(), Protocol);

    /// <summary>A property, alone or in the middle of text.</summary>
    public string Get(EndpointProperty property, bool embedded) => property switch
    {
        EndpointProperty.Url => $"{Scheme}://{Host}:{ServicePort.InText()}",
        EndpointProperty.Host => Host,
        EndpointProperty.Port => PortText(ServicePort, embedded),
        EndpointProperty.TargetPort => PortText(Port, embedded),
        EndpointProperty.Scheme => Scheme,
        EndpointProperty.HostAndPort => $"{Host}:{ServicePort.InText()}",
        _ => throw new InvalidOperationException($"The property '{property}' of the endpoint '{Name}' is not known."),
    };

    private static string PortText(HelmValue port, bool embedded) => embedded ? port.InText() : port.AsScalar();

    public static HelmValue Number(int port) => HelmValue.Literal(port.ToString(CultureInfo.InvariantCulture));
}
