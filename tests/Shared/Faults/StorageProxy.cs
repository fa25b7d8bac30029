using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>
/// Stands between the application and its storage. It can refuse writes, hold an upload in its middle, and hold back the answer
/// to a write that has been done. One request after another comes on a connection, as HTTP/1.1 clients do it.
/// </summary>
internal sealed partial class StorageProxy : IAsyncDisposable
{
    private static readonly byte[] Refusal = Encoding.ASCII.GetBytes(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<Hold> _uploads = new();
    private readonly ConcurrentQueue<Hold> _answers = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private volatile bool _refuses;
    private int _refused;

    public StorageProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        Address = new UriBuilder(server) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Answers every write with 503 while it is set.</summary>
    public bool RefusesWrites { get => _refuses; set => _refuses = value; }

    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Holds the next upload of a picture when half of it has gone through.</summary>
    public Hold HoldUpload() => Add(_uploads);

    /// <summary>Holds back the answer to the next record that is written.</summary>
    public Hold HoldAnswer() => Add(_answers);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private static Hold Add(ConcurrentQueue<Hold> holds)
    {
        var hold = new Hold();
        holds.Enqueue(hold);
        return hold;
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
        }
        await Task.WhenAll(connections);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        using var server = new TcpClient();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        try
        {
            await server.ConnectAsync(_server.Host, _server.Port, either.Token);
            var answer = new Answer();
            var copies = new[]
            {
                RequestsAsync(client.GetStream(), server.GetStream(), answer, either.Token),
                AnswersAsync(server.GetStream(), client.GetStream(), answer, either.Token),
            };
            // One that ends takes the other along.
            await Task.WhenAny(copies);
            await either.CancelAsync();
            await Task.WhenAll(copies);
        }
        // The last of these is what a client that has gone already is called.
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidOperationException)
        {
        }
    }

    private async Task RequestsAsync(
        NetworkStream client, NetworkStream server, Answer answer, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        while (await client.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            var start = Encoding.ASCII.GetString(buffer, 0, Math.Min(count, 200));
            if (_refuses && start.StartsWith("PUT ", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _refused);
                await client.WriteAsync(Refusal, cancellationToken);
                client.Socket.Shutdown(SocketShutdown.Send);
                return;
            }
            if (Picture().Match(start) is { Success: true } picture && _uploads.TryDequeue(out var upload))
            {
                // Half of what came: the head, and a part of the bytes where they came with it.
                await server.WriteAsync(buffer.AsMemory(0, count / 2), cancellationToken);
                await upload.ReachAsync(picture.Groups["id"].Value, cancellationToken);
                return;
            }
            if (Record().Match(start) is { Success: true } record && _answers.TryDequeue(out var held))
                answer.Hold = (held, record.Groups["id"].Value);
            await server.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    private static async Task AnswersAsync(
        NetworkStream server, NetworkStream client, Answer answer, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        while (await server.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            if (answer.Hold is var (hold, id))
            {
                await hold.ReachAsync(id, cancellationToken);
                return;
            }
            await client.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }

    [GeneratedRegex(@"^PUT /images/(?<id>\w{26})-\d+\.png ")]
    private static partial Regex Picture();

    [GeneratedRegex(@"^PUT /images/(?<id>\w{26})\.json ")]
    private static partial Regex Record();

    // A client asks nothing more before it has its answer.
    private sealed class Answer
    {
        public (Hold Hold, string Id)? Hold { get; set; }
    }

    /// <summary>A request that is stopped on its way, and whose connection is lost then.</summary>
    internal sealed class Hold
    {
        private readonly TaskCompletionSource<string> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes with the task's id once the request is there.</summary>
        public Task<string> Reached => _reached.Task;

        public void Lose() => _lost.TrySetResult();

        public async Task ReachAsync(string id, CancellationToken cancellationToken)
        {
            _reached.TrySetResult(id);
            await _lost.Task.WaitAsync(cancellationToken);
        }
    }
}
