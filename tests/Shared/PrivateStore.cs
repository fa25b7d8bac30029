using System.Globalization;
using System.Security.Cryptography;

namespace SdAspire.Tests.Shared;

/// <summary>A real ObjectStore process of one's own, on a free port of this machine, with its data in a temporary folder.</summary>
public class PrivateStore : IAsyncDisposable
{
    private const string AccessKey = "tests";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5);

    private readonly string _secretKey = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly int _port = ChildProcess.FreePort();
    private readonly TemporaryFolder _data = new();
    private ChildProcess? _store;

    public string Endpoint => $"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>As in <c>ConnectionStrings__storage</c>.</summary>
    public string ConnectionString => $"Endpoint={Endpoint};AccessKey={AccessKey};SecretKey={_secretKey}";

    /// <summary>Starts it, also again after <see cref="StopAsync"/>: on the same port, with the same data.</summary>
    public async Task StartAsync()
    {
        _store = ChildProcess.Start("dotnet", [Repository.Program("ObjectStore")], new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = Endpoint,
            ["ObjectStore__DataPath"] = _data.Path,
            ["ObjectStore__AccessKey"] = AccessKey,
            ["ObjectStore__SecretKey"] = _secretKey,
        });
        using var http = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            if (_store.HasExited)
                throw new InvalidOperationException($"The storage ended:\n{string.Join('\n', _store.Output)}");
            try
            {
                using var answer = await http.GetAsync($"{Endpoint}/minio/health/live");
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, StartTimeout, () => $"The storage does not answer:\n{string.Join('\n', _store.Output)}");
    }

    public async Task StopAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        _store = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _data.Dispose();
        GC.SuppressFinalize(this);
    }
}
