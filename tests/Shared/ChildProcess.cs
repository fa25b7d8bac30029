using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SdAspire.Tests.Shared;

/// <summary>A process that a test started and ends by its id, with what it wrote.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ChildProcess(Process process, Action<string>? onLine)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);

        void Keep(string? line)
        {
            if (line is null)
                return;
            _output.Enqueue(line);
            onLine?.Invoke(line);
        }
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Both streams, line by line.</summary>
    public IReadOnlyList<string> Output => [.. _output];

    /// <param name="onLine">Told each line of both streams as it comes.</param>
    public static ChildProcess Start(
        string fileName, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null,
        Action<string>? onLine = null)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start }, onLine);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for a line of output, and fails with all output if the process ends or the time is up before.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> isIt, TimeSpan timeout)
    {
        var line = "";
        await Eventually.TrueAsync(() =>
        {
            line = _output.FirstOrDefault(isIt);
            return line is not null || HasExited;
        }, timeout, () => $"The process did not say what was waited for:\n{string.Join('\n', _output)}");
        return line ?? throw new InvalidOperationException($"The process ended with {ExitCode}:\n{string.Join('\n', _output)}");
    }

    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        using var late = new CancellationTokenSource(timeout);
        await _process.WaitForExitAsync(late.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, and SIGKILL if that does not help.</summary>
    public async Task StopAsync()
    {
        if (HasExited)
            return;
        await TerminateAsync();
        try
        {
            await WaitForExitAsync(StopTimeout);
        }
        catch (OperationCanceledException)
        {
            Kill();
            await WaitUntilGoneAsync();
        }
    }

    /// <summary>
    /// Bounded also after SIGKILL: the wait is for the end of the output too, which a grandchild that has it open can put off for
    /// ever.
    /// </summary>
    private async Task WaitUntilGoneAsync()
    {
        using var late = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException) when (_process.HasExited)
        {
        }
    }

    /// <summary>SIGTERM, and nothing more.</summary>
    public async Task TerminateAsync()
    {
        using var term = Process.Start("kill", ["-TERM", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await term.WaitForExitAsync();
    }

    public void Kill() => _process.Kill(entireProcessTree: true);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
