using System.Globalization;
using System.Security.Cryptography;

namespace SdAspire.Tests.Shared;

/// <summary>A real RabbitMQ of one's own, on a free port of this machine, with its data in a temporary folder.</summary>
public class PrivateBroker : IAsyncDisposable
{
    private const string User = "tests";

    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(5);

    private readonly string _password = RandomNumberGenerator.GetHexString(24, lowercase: true);
    private readonly int _port = ChildProcess.FreePort();
    private readonly TemporaryFolder _data = new();
    private string _home = "";
    private ChildProcess? _broker;

    /// <summary>An amqp URI, as in <c>ConnectionStrings__messaging</c>.</summary>
    public string ConnectionString => $"amqp://{User}:{_password}@127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Starts it, also again after <see cref="StopAsync"/>: on the same port, with the same data.</summary>
    public async Task StartAsync()
    {
        if (_home.Length == 0)
            await FetchAsync();
        _broker = ChildProcess.Start(Script("rabbitmq"), [], new Dictionary<string, string>
        {
            ["BROKER_HOME"] = _home,
            ["BROKER_DATA"] = _data.Path,
            ["BROKER_PORT"] = _port.ToString(CultureInfo.InvariantCulture),
            ["BROKER_USER"] = User,
            ["BROKER_PASSWORD"] = _password,
        });
        await _broker.WaitForLineAsync(line => line.Contains("RabbitMQ is up", StringComparison.Ordinal), BootTimeout);
    }

    private async Task FetchAsync()
    {
        await using var fetch = ChildProcess.Start(Script("fetch-rabbitmq"), []);
        if (await fetch.WaitForExitAsync(FetchTimeout) != 0)
            throw new InvalidOperationException($"RabbitMQ could not be fetched:\n{string.Join('\n', fetch.Output)}");
        // The folder is the script's only line on stdout; its news go to stderr.
        _home = fetch.Output.Last(line => Directory.Exists(line.Trim())).Trim();
    }

    public async Task StopAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        _broker = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _data.Dispose();
        GC.SuppressFinalize(this);
    }

    private static string Script(string name) => Path.Combine(Repository.Root, "AppHost", "Local", name);
}
