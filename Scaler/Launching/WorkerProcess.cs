using System.Diagnostics;
using System.Runtime.InteropServices;
using SdAspire.Scaler.Jobs;

namespace SdAspire.Scaler.Launching;

/// <summary>One worker. It is pending until it has created its readiness file, which it does once it has taken a message.</summary>
public sealed class WorkerProcess
{
    private const int Sigterm = 15;
    private static readonly TimeSpan ReadinessPeriod = TimeSpan.FromMilliseconds(25);
    // A grandchild may hold the pipes open after the worker is gone.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly string _readinessFile;
    private readonly TimeProvider _time;
    private readonly Task _output;
    private string? _lastError;

    public WorkerProcess(string name, Process process, string readinessFile, JobHistory history, TimeProvider time)
    {
        Name = name;
        StartedAt = time.GetUtcNow();
        _process = process;
        _readinessFile = readinessFile;
        _time = time;
        process.StandardInput.Close();
        _output = Task.WhenAll(
            ForwardAsync(process.StandardOutput, Console.Out, line => history.Wrote(name, line, isError: false)),
            ForwardAsync(process.StandardError, Console.Error, line =>
            {
                if (!string.IsNullOrWhiteSpace(line))
                    _lastError = line;
                history.Wrote(name, line, isError: true);
            }));
    }

    public string Name { get; }
    public DateTimeOffset StartedAt { get; }
    public int Id => _process.Id;
    public bool IsPending => !File.Exists(_readinessFile);

    /// <summary>The last line the worker wrote to stderr: its reason where it ended with an error.</summary>
    public string? LastError => Volatile.Read(ref _lastError);

    /// <summary>Returns once the worker has taken its message, which is told, or has ended.</summary>
    public async Task<bool> WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (IsPending && !_process.HasExited)
            await Task.Delay(ReadinessPeriod, _time, cancellationToken);
        return !IsPending;
    }

    /// <summary>Waits for the end and for the rest of the output.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        try
        {
            await _output.WaitAsync(DrainTimeout, _time);
        }
        catch (TimeoutException)
        {
        }
        return _process.ExitCode;
    }

    public void Terminate()
    {
        try
        {
            if (!_process.HasExited)
                _ = Kill(_process.Id, Sigterm);
        }
        catch (InvalidOperationException)
        {
            // It has ended and was released meanwhile.
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }

    public void Release()
    {
        File.Delete(_readinessFile);
        _process.Dispose();
    }

    private async Task ForwardAsync(StreamReader lines, TextWriter output, Action<string> seen)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            seen(line);
            // One write for a line, so that lines of several workers never mix.
            await output.WriteAsync($"{Name}: {line}{Environment.NewLine}");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
