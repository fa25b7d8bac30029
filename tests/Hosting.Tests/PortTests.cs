using System.Net;
using System.Net.Sockets;

namespace SdAspire.Hosting.Tests;

public sealed class PortTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PortsAreFreeDistinctAndKeptForTheirResource()
    {
        var builder = Applications.Create(_folder);
        var servers = Enumerable.Range(0, 20)
            .Select(i => builder.AddExecutable($"server{i}", "sleep", "/", "1000").WithHttpEndpoint().WithEndpoint("http", e => e.TargetHost = "127.0.0.1"))
            .ToList();
        await using var app = builder.Build();
        await app.StartAsync();

        var ports = servers.Select(s => s.GetEndpoint("http").Port).ToList();
        ports.Distinct().Count().ShouldBe(ports.Count);
        servers.ShouldAllBe(s => s.GetEndpoint("http").Url == $"http://127.0.0.1:{s.GetEndpoint("http").Port}");

        // The kernel gives such a port to nobody who asks for any, but the resource itself can listen on it.
        using var others = new Sockets(2000);
        others.Ports.Intersect(ports).ShouldBeEmpty();
        using var listener = new TcpListener(IPAddress.Loopback, ports[0]);
        listener.Start();
        await app.StopAsync();
    }

    [Fact]
    public async Task GivenPortIsUsed()
    {
        var port = ChildProcess.FreePort();
        var builder = Applications.Create(_folder);
        var web = builder.AddExecutable("web", "sleep", "/", "1000").WithHttpEndpoint(port: port);
        await using var app = builder.Build();
        await app.StartAsync();

        web.GetEndpoint("http").Url.ShouldBe($"http://localhost:{port}");
        await app.StopAsync();
    }

    private sealed class Sockets : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public Sockets(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            }
        }

        public IEnumerable<int> Ports => _sockets.Select(s => ((IPEndPoint)s.LocalEndPoint!).Port);

        public void Dispose()
        {
            foreach (var socket in _sockets) socket.Dispose();
        }
    }
}
