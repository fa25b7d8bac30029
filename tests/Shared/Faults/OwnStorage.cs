using System.Globalization;
using System.Security.Cryptography;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>A storage that the application is given, behind a proxy, instead of starting its own.</summary>
internal sealed class OwnStorage : IAsyncDisposable
{
    private const string User = "faults";

    private readonly ChildProcess _process;
    private bool _ended;

    private OwnStorage(ChildProcess process, StorageProxy proxy, string secret)
    {
        (_process, Proxy) = (process, proxy);
        ConnectionString = $"Endpoint={proxy.Address.AbsoluteUri.TrimEnd('/')};AccessKey={User};SecretKey={secret}";
    }

    public StorageProxy Proxy { get; }

    /// <summary>As in <c>ConnectionStrings__storage</c>, through the proxy.</summary>
    public string ConnectionString { get; }

    public static async Task<OwnStorage> StartAsync(ApplicationSettings settings)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ChildProcess.FreePort()}");
        var secret = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var process = ChildProcess.Start("dotnet", [Repository.Program("ObjectStore")], new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = address,
            ["ObjectStore__DataPath"] = Path.Combine(settings.Folder, "own-storage"),
            ["ObjectStore__AccessKey"] = User,
            ["ObjectStore__SecretKey"] = secret,
        });
        await process.WaitForLineAsync(line => line.Contains("Now listening on", StringComparison.Ordinal), Eventually.Generous);
        return new(process, new StorageProxy(new Uri(address)), secret);
    }

    public async ValueTask DisposeAsync()
    {
        if (_ended)
            return;
        _ended = true;
        await Proxy.DisposeAsync();
        await _process.DisposeAsync();
    }
}
