using System.Net.Sockets;
using System.Text;

namespace SdAspire.ObjectStore.Tests;

/// <summary>HTTP by hand, to stop in the middle of a request.</summary>
sealed class RawConnection : IDisposable
{
    readonly TcpClient _client;

    public RawConnection(Uri server) => _client = new TcpClient(server.Host, server.Port);

    public async Task SendHeadAsync(HttpRequestMessage message, long contentLength, params string[] more)
    {
        var head = new StringBuilder($"{message.Method} {message.RequestUri!.PathAndQuery} HTTP/1.1\r\n");
        foreach (var (name, values) in message.Headers) head.Append($"{name}: {string.Join(',', values)}\r\n");
        head.Append($"Content-Length: {contentLength}\r\n");
        foreach (var line in more) head.Append(line).Append("\r\n");
        await SendAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _client.GetStream().WriteAsync(bytes).AsTask();

    /// <summary>Reads until the server closes the connection or an S3 error is complete.</summary>
    public async Task<string> ReadAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(Eventually.Limit);
        int read;
        while (!text.ToString().Contains("</Error>") && (read = await _client.GetStream().ReadAsync(buffer, limit.Token)) > 0)
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        return text.ToString();
    }

    public void Dispose() => _client.Dispose();
}
