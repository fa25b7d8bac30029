using System.Collections.Concurrent;
using System.Globalization;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>
/// The whole application: the built AppHost as a process of its own, on free ports, with all that it starts. It can be started
/// again on the same data once it has ended.
/// </summary>
internal sealed class Application : IAsyncDisposable
{
    public const string Storage = "ObjectStore.dll";
    public const string WebUiProgram = "WebUi.dll";
    public const string Launcher = "Scaler.dll";
    public const string Worker = "Worker.dll";
    public const string Broker = "beam.smp";

    private const string Address = "WebUi http";
    private const string WorkerName = "Worker__Name";

    private readonly ApplicationSettings _settings;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly HashSet<LinuxProcess> _seen = [];
    private ChildProcess? _host;

    public Application(ApplicationSettings settings)
    {
        _settings = settings;
        Directory.CreateDirectory(settings.Temporary);
        // As the AppHost itself would make it: what is mounted on it has to be there before.
        var owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(settings.Data, owner);
        if (settings.StorageSize is not null)
            Directory.CreateDirectory(StorageFolder, owner);
    }

    public ApplicationSettings Settings => _settings;

    /// <summary>What the workers say.</summary>
    public WorkerLog Workers { get; } = new();

    /// <summary>All that was written by it and by its parts.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>Where the page is; another port after another start.</summary>
    public Uri WebUi { get; private set; } = new("http://127.0.0.1:1");

    public Uri Messaging { get; private set; } = new("amqp://127.0.0.1:1");

    /// <summary>As in <c>ConnectionStrings__storage</c>.</summary>
    public string StorageConnection { get; private set; } = "";

    /// <summary>The storage's folder as this process can reach it, also where it is a file system of its own.</summary>
    public string StorageFolder => _settings.StorageSize is null || _host is null
        ? Path.Combine(_settings.Data, "storage")
        : $"/proc/{Host.Id.ToString(CultureInfo.InvariantCulture)}/root{Path.Combine(_settings.Data, "storage")}";

    private ChildProcess Host => _host ?? throw new InvalidOperationException("The application has not been started.");

    public async Task StartAsync()
    {
        string[] program =
        [
            "dotnet", Repository.Program("AppHost"), "--data", _settings.Data, "--model", _settings.Model,
            "--port", "0", "--dashboard-port", "0",
        ];
        string[] command = _settings.StorageSize is { } size
            ? [.. LimitedFolder.Command(Path.Combine(_settings.Data, "storage"), size), .. program]
            : program;
        var environment = new Dictionary<string, string>(_settings.Environment) { ["TMPDIR"] = _settings.Temporary };
        _host = ChildProcess.Start(command[0], command[1..], environment, onLine: line =>
        {
            _log.Enqueue(line);
            Workers.Read(line);
        });
        var address = await _host.WaitForLineAsync(
            line => line.StartsWith(Address, StringComparison.Ordinal), Eventually.Generous);
        WebUi = new Uri(address[(address.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        IReadOnlyDictionary<string, string> given = new Dictionary<string, string>();
        await Eventually.TrueAsync(
            () => (given = Find(Launcher)?.Environment ?? given).ContainsKey("ConnectionStrings__messaging"),
            "the launcher runs");
        Messaging = new Uri(given["ConnectionStrings__messaging"]);
        StorageConnection = given["ConnectionStrings__storage"];
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = WebUi };
        await Eventually.TrueAsync(() => IsHealthyAsync(client), "the page is healthy");
    }

    /// <summary>All that runs of it.</summary>
    public IReadOnlyList<LinuxProcess> Processes()
    {
        var tree = LinuxProcess.Tree(Host.Id);
        lock (_seen)
            _seen.UnionWith(tree);
        return tree;
    }

    public IReadOnlyList<LinuxProcess> FindAll(string program) =>
        [.. Processes().Where(process => process.CommandLine.Contains(program, StringComparison.Ordinal))];

    /// <summary>The process of a part; null while it does not run.</summary>
    public LinuxProcess? Find(string program) => FindAll(program).FirstOrDefault();

    public LinuxProcess? FindWorker(string name) =>
        FindAll(Worker).FirstOrDefault(process => process.Environment.GetValueOrDefault(WorkerName) == name);

    /// <summary>Waits for another process of the part than the one that was killed.</summary>
    public async Task<LinuxProcess> AnotherAsync(string program, LinuxProcess than)
    {
        LinuxProcess? found = null;
        await Eventually.TrueAsync(
            () => (found = FindAll(program).FirstOrDefault(process => process != than)) is not null, $"{program} runs again");
        return found!;
    }

    /// <summary>SIGTERM to the AppHost, which ends all else; or to every process at once, as at the end of a machine.</summary>
    public async Task StopAsync(bool everything = false)
    {
        foreach (var process in everything ? Processes() : Processes().Take(1))
            LinuxProcess.Send(process.Id, Signal.Terminate);
        await Host.WaitForExitAsync(Eventually.Generous);
    }

    /// <summary>What runs although it has ended, after the time that its parts may take to notice.</summary>
    public async Task<IReadOnlyList<LinuxProcess>> LeftAsync(TimeSpan patience)
    {
        try
        {
            await Eventually.TrueAsync(() => Left().Count == 0, patience);
        }
        catch (TimeoutException)
        {
        }
        return Left();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
            return;
        if (!_host.HasExited)
            Processes();
        await _host.DisposeAsync();
        foreach (var process in Left())
            LinuxProcess.Send(process.Id, Signal.Kill);
        await LinuxProcess.AllEnd(Left());
    }

    private List<LinuxProcess> Left()
    {
        lock (_seen)
        {
            return
            [
                .. _seen.Where(process => process.IsRunning)
                    .Union(LinuxProcess.Mentioning(_settings.Folder)).Where(process => process.IsRunning),
            ];
        }
    }

    private static async Task<bool> IsHealthyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/health");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
