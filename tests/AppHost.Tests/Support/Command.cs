using System.Collections.Concurrent;
using System.Diagnostics;

namespace SdAspire.AppHost.Tests.Support;

/// <summary>A running command with its output. Disposing ends it and all that it started.</summary>
internal sealed class Command : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly HashSet<LinuxProcess> _seen = [];

    private Command(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Keep(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(_errors, e.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public IReadOnlyList<string> Output => [.. _output];

    public IReadOnlyList<string> Errors => [.. _errors];

    public static Command Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        // Where the tests run in the background of a shell, Ctrl-C is ignored, by all that they start too.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", file, .. arguments])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return new(start);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)> Run(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        await using var command = Start(file, arguments, environment);
        return (await command.Ended(), command.Output, command.Errors);
    }

    /// <summary>All processes of the command that run now.</summary>
    public IReadOnlyList<LinuxProcess> Tree()
    {
        var tree = LinuxProcess.Tree(Id);
        _seen.UnionWith(tree);
        return tree;
    }

    public void Send(Signal signal) => LinuxProcess.Send(Id, signal).ShouldBeTrue();

    public async Task<int> Ended()
    {
        using var bound = new CancellationTokenSource(Eventually.Generous);
        await _process.WaitForExitAsync(bound.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits for a line on stdout.</summary>
    public async Task<string> Line(Func<string, bool> predicate, string what)
    {
        await Eventually.TrueAsync(
            () => _output.Any(predicate) || _process.HasExited, explain: () => $"Waited in vain: {what}.\n{Said()}");
        return _output.FirstOrDefault(predicate) ?? throw new InvalidOperationException($"It ended before {what}:\n{Said()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Tree();
            _process.Kill();
        }

        foreach (var process in _seen.Where(process => process.IsRunning))
            LinuxProcess.Send(process.Id, Signal.Kill);
        await LinuxProcess.AllEnd(_seen);
        _process.Dispose();
    }

    private string Said() => string.Join('\n', _output.Concat(_errors));

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }
}
