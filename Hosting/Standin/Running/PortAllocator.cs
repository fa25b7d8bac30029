using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Running;

/// <summary>
/// Gives endpoints their ports and keeps them: a socket that is bound but does not listen stops the kernel from handing the
/// port to another program, while a server, which like this socket sets SO_REUSEADDR, can still bind it and listen.
/// </summary>
sealed class PortAllocator(IConfiguration configuration) : IDisposable
{
    private const int Attempts = 100;
    private readonly List<Socket> _held = [];

    // Tests may run side by side: Aspire's testing builder sets this for its own orchestrator, too.
    private readonly bool _randomize = configuration.GetValue("DcpPublisher:RandomizePorts", defaultValue: false);

    public void Allocate(IResource resource)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var port = Allocate(resource, endpoint);
            endpoint.TargetPort = port;
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, ReachableAt(endpoint.TargetHost), port);
        }
    }

    private int Allocate(IResource resource, EndpointAnnotation endpoint)
    {
        // Without a proxy the resource itself listens on the port that others use.
        var wanted = _randomize ? null : endpoint.Port ?? endpoint.TargetPort;
        var addresses = Addresses(endpoint.TargetHost);
        if (wanted is > 0 and var port)
            return TryHold(addresses, port) ?? throw new DistributedApplicationException(
                $"Port {port} of resource '{resource.Name}' is in use or may not be used: stop the program that has it, or choose another port (0 takes any free one).");
        for (var attempt = 0; attempt < Attempts; attempt++)
            if (TryHold(addresses, 0) is { } free) return free;
        throw new DistributedApplicationException($"There is no free port for resource '{resource.Name}'.");
    }

    private int? TryHold(IReadOnlyList<IPAddress> addresses, int port)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (var address in addresses)
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(address, port));
                port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            }
        }
        catch (SocketException)
        {
            foreach (var socket in sockets) socket.Dispose();
            return null;
        }
        _held.AddRange(sockets);
        return port;
    }

    private static IReadOnlyList<IPAddress> Addresses(string host) => host switch
    {
        _ when IPAddress.TryParse(host, out var address) => [address],
        "localhost" when HasLoopback6() => [IPAddress.Loopback, IPAddress.IPv6Loopback],
        "localhost" => [IPAddress.Loopback],
        _ => [IPAddress.Any],
    };

    private static bool HasLoopback6()
    {
        if (!Socket.OSSupportsIPv6) return false;
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string ReachableAt(string host) =>
        IPAddress.TryParse(host, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{host}]" : host
            : "localhost";

    public void Dispose()
    {
        foreach (var socket in _held) socket.Dispose();
        _held.Clear();
    }
}
