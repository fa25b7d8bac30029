using System.Net;
using System.Net.Sockets;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests.Broker;

public sealed class LocalBrokerTests : IDisposable
{
    private const string Queue = "kept";
    private readonly TemporaryFolder _folder = new();

    // A name that needs quoting everywhere.
    private string Data => _folder["a $broker & more #1"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Confirmed_messages_outlive_restarts_and_kills_and_the_password_may_change()
    {
        for (var run = 0; run < 5; run++)
        {
            await using var broker = await LocalBroker.Start(Data, password: $"p\"ä\\ss {run}");
            await using (var connection = await broker.Connect())
            {
                await using var channel = await connection.CreateChannelAsync(
                    new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
                await channel.QueueDeclareAsync(
                    Queue, durable: true, exclusive: false, autoDelete: false,
                    arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
                // A quorum queue that has just recovered counts a moment later.
                await Eventually.TrueAsync(async () => await channel.MessageCountAsync(Queue) == run, $"{run} messages are back");
                await channel.BasicPublishAsync(
                    "", Queue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes($"{run}"));
            }

            // Not the first run: Raft's directory has a new queue on the disk only half a second after it was declared.
            await broker.End(run % 2 == 0 ? Signal.Terminate : Signal.Kill);
        }

        await using var last = await LocalBroker.Start(Data);
        await using var reader = await last.Connect();
        await using var reading = await reader.CreateChannelAsync();
        for (var run = 0; run < 5; run++)
        {
            var message = await reading.BasicGetAsync(Queue, autoAck: true);
            Encoding.UTF8.GetString(message.ShouldNotBeNull().Body.Span).ShouldBe($"{run}");
        }
    }

    [Fact]
    public async Task Yesterdays_password_no_longer_opens_it()
    {
        await using (var broker = await LocalBroker.Start(Data, "yesterday"))
            (await broker.End(Signal.Terminate)).ShouldBe(0);

        var port = Ports.Free();
        await using var today = await LocalBroker.Start(Data, "today", port);
        await using var connection = await today.Connect();
        var stale = new ConnectionFactory { HostName = "127.0.0.1", Port = port, UserName = "guest", Password = "yesterday" };
        var refused = await Should.ThrowAsync<BrokerUnreachableException>(() => stale.CreateConnectionAsync());
        refused.InnerException.ShouldBeOfType<AuthenticationFailureException>();
    }

    [Fact]
    public async Task Only_this_machine_reaches_it_and_nobody_reads_the_password()
    {
        await using var broker = await LocalBroker.Start(Data, "do-not-tell");
        var processes = broker.Command.Tree();

        var listeners = LinuxProcess.Listeners(processes);
        listeners.Count.ShouldBeGreaterThanOrEqualTo(3, "AMQP, Erlang's distribution and epmd");
        listeners.ShouldAllBe(listener => IPAddress.IsLoopback(listener.Address));

        foreach (var process in processes)
            process.CommandLine.ShouldNotContain("do-not-tell");
        foreach (var file in Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute))
                .ShouldBe(UnixFileMode.None, file);
            (await File.ReadAllTextAsync(file)).ShouldNotContain("do-not-tell", Case.Sensitive, file);
        }
    }

    [Theory]
    [InlineData((int)Signal.Terminate, 0)]
    [InlineData((int)Signal.Interrupt, 0)]
    [InlineData((int)Signal.Kill, 128 + (int)Signal.Kill)]
    public async Task Nothing_of_it_is_left_after(int signal, int exitCode)
    {
        await using var broker = await LocalBroker.Start(Data);
        broker.Command.Tree().Count.ShouldBeGreaterThan(3);

        (await broker.End((Signal)signal)).ShouldBe(exitCode);
    }

    [Fact]
    public async Task It_ends_when_its_parent_is_killed()
    {
        var environment = await LocalBroker.Environment(Data);
        await using var parent = Command.Start("bash", ["-c", "\"$0\"; exit $?", LocalBroker.Script], environment);
        await parent.Line(line => line.Contains("is up", StringComparison.Ordinal), "the broker is up");
        var processes = parent.Tree();
        processes.Count.ShouldBeGreaterThan(4);

        parent.Send(Signal.Kill);

        await LinuxProcess.AllEnd(processes);
    }

    [Fact]
    public async Task A_stop_while_it_boots_leaves_nothing_and_the_next_start_works()
    {
        var environment = await LocalBroker.Environment(Data);
        await using (var booting = Command.Start(LocalBroker.Script, [], environment))
        {
            var database = Path.Combine(Data, "mnesia", "sdaspire@localhost");
            await Eventually.TrueAsync(() => Directory.Exists(database), "the broker begins its database");
            var processes = booting.Tree();
            booting.Send(Signal.Kill);
            await LinuxProcess.AllEnd(processes);
        }

        await using var broker = await LocalBroker.Start(Data);
        await using var connection = await broker.Connect();
        connection.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task A_database_that_was_never_complete_is_set_aside()
    {
        var half = Path.Combine(Data, "mnesia", "sdaspire@localhost");
        Directory.CreateDirectory(half);
        await File.WriteAllTextAsync(Path.Combine(half, "schema.DAT"), "cut off");

        await using var broker = await LocalBroker.Start(Data);

        Directory.GetFiles(Data, "schema.DAT", SearchOption.AllDirectories).Length.ShouldBe(2, "nothing is deleted");
    }

    [Fact]
    public async Task A_database_that_does_not_boot_any_more_is_a_failure_in_one_line()
    {
        await using (var broker = await LocalBroker.Start(Data))
            await broker.End(Signal.Terminate);
        await File.WriteAllTextAsync(Path.Combine(Data, "mnesia", "sdaspire@localhost", "schema.DAT"), "overwritten");

        await FailsInOneLine(await LocalBroker.Environment(Data), "console.log");
    }

    [Fact]
    public async Task A_second_one_on_the_same_folder_is_refused()
    {
        await using var first = await LocalBroker.Start(Data);

        await FailsInOneLine(await LocalBroker.Environment(Data), "another broker");

        await using var connection = await first.Connect();
        connection.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await FailsInOneLine(await LocalBroker.Environment(Data, port: port), $"port {port} is in use");
    }

    [Fact]
    public async Task A_path_that_the_broker_would_give_to_a_shell_is_refused() =>
        await FailsInOneLine(await LocalBroker.Environment(_folder["the broker's"]), "quote");

    private static async Task FailsInOneLine(IReadOnlyDictionary<string, string?> environment, string reason)
    {
        var (exitCode, _, errors) = await Command.Run(LocalBroker.Script, [], environment);

        exitCode.ShouldBe(1);
        errors.ShouldHaveSingleItem().ShouldContain(reason);
    }
}
