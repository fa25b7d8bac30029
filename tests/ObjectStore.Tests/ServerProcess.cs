using System.Collections.Concurrent;
using System.Diagnostics;

namespace SdAspire.ObjectStore.Tests;

/// <summary>The built server in a process of its own, as users run it.</summary>
sealed class ServerProcess : IDisposable
{
    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();
    readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    ServerProcess(string dataPath, IEnumerable<(string Name, string? Value)> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ObjectStore__DataPath"] = dataPath;
        start.Environment["ObjectStore__AccessKey"] = Account.AccessKey;
        start.Environment["ObjectStore__SecretKey"] = Account.SecretKey;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The built assembly, which lies beside this one's folder.</summary>
    static string Program
    {
        get
        {
            var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
            return Path.Combine(here.Parent!.Parent!.FullName, "ObjectStore", here.Name, "ObjectStore.dll");
        }
    }

    public int Id => _process.Id;

    public IReadOnlyList<string> Output => [.. _lines];

    public static async Task<(ServerProcess Process, Uri Url)> StartAsync(
        string dataPath, IEnumerable<(string Name, string? Value)>? environment = null, params string[] arguments)
    {
        var server = new ServerProcess(dataPath, environment ?? [], arguments);
        try
        {
            return (server, await server._listening.Task.WaitAsync(Eventually.Limit));
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Runs a server that is expected to end by itself.</summary>
    public static async Task<(int ExitCode, IReadOnlyList<string> Output)> RunAsync(
        string dataPath, params (string Name, string? Value)[] environment)
    {
        using var server = new ServerProcess(dataPath, environment);
        return (await server.WaitAsync(), server.Output);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitAsync();
    }

    public async Task<int> WaitAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    void Read(string? line)
    {
        const string listening = "Now listening on: ";
        if (line is null) return;
        _lines.Enqueue(line);
        if (line.IndexOf(listening, StringComparison.Ordinal) is >= 0 and var at) _listening.TrySetResult(new Uri(line[(at + listening.Length)..]));
    }
}
