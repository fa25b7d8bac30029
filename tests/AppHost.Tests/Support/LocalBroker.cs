using RabbitMQ.Client;

namespace SdAspire.AppHost.Tests.Support;

/// <summary>The broker as the AppHost starts it.</summary>
internal sealed class LocalBroker : IAsyncDisposable
{
    private readonly int _port;
    private readonly string _password;

    private LocalBroker(Command command, int port, string password) => (Command, _port, _password) = (command, port, password);

    public static string FetchScript { get; } = Path.Combine(Repository.Root, "AppHost/Local/fetch-rabbitmq");

    public static string Script { get; } = Path.Combine(Repository.Root, "AppHost/Local/rabbitmq");

    public Command Command { get; }

    public static async Task<LocalBroker> Start(string data, string password = "secret", int? port = null)
    {
        var environment = await Environment(data, password, port);
        var command = Command.Start(Script, [], environment);
        try
        {
            await command.Line(line => line.Contains("is up", StringComparison.Ordinal), "the broker is up");
            return new(command, int.Parse(environment["BROKER_PORT"]!), password);
        }
        catch
        {
            await command.DisposeAsync();
            throw;
        }
    }

    public static async Task<Dictionary<string, string?>> Environment(string data, string password = "secret", int? port = null)
    {
        var (exitCode, output, errors) = await Command.Run(FetchScript, []);
        exitCode.ShouldBe(0, string.Join('\n', errors));
        return new()
        {
            ["BROKER_HOME"] = output.ShouldHaveSingleItem(),
            ["BROKER_DATA"] = data,
            ["BROKER_PORT"] = $"{port ?? Ports.Free()}",
            ["BROKER_USER"] = "guest",
            ["BROKER_PASSWORD"] = password,
        };
    }

    public Task<IConnection> Connect() =>
        new ConnectionFactory { HostName = "127.0.0.1", Port = _port, UserName = "guest", Password = _password }.CreateConnectionAsync();

    /// <summary>Sends a signal and waits until nothing of the broker is left.</summary>
    public async Task<int> End(Signal signal)
    {
        var processes = Command.Tree();
        Command.Send(signal);
        var exitCode = await Command.Ended();
        await LinuxProcess.AllEnd(processes);
        return exitCode;
    }

    public ValueTask DisposeAsync() => Command.DisposeAsync();
}
