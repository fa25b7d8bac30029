using System.ComponentModel;
using System.Globalization;
using System.IO.Pipes;

namespace SdAspire.Scaler.Launching;

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + N after signal N.</param>
/// <param name="CpuTime">What it computed, with the processes that it waited for: the kernel's own account at its end.</param>
public readonly record struct ProcessEnd(int ExitCode, TimeSpan CpuTime);

/// <summary>
/// A child process with pipes for its output. Unlike <see cref="System.Diagnostics.Process"/> it tells the CPU time exactly, which
/// only who reaps the child can read, and it sends no signal to another process that got the number of one that has ended.
/// It is in the launcher's process group: whoever ends that ends it, too, also before its parent-death signal is set.
/// </summary>
public sealed class SpawnedProcess : IDisposable
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;
    private const int WaiterStackBytes = 256 << 10;

    private readonly Lock _lock = new();
    private readonly AnonymousPipeServerStream _output;
    private readonly AnonymousPipeServerStream _error;
    private readonly TaskCompletionSource<ProcessEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _reaped;

    private SpawnedProcess(int id, AnonymousPipeServerStream output, AnonymousPipeServerStream error)
    {
        (Id, _output, _error) = (id, output, error);
        new Thread(Reap, WaiterStackBytes) { IsBackground = true, Name = $"wait {id}" }.Start();
    }

    public int Id { get; }
    public Stream Output => _output;
    public Stream Error => _error;
    public Task<ProcessEnd> Ended => _ended.Task;

    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public static SpawnedProcess Start(
        string file, IReadOnlyList<string> arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var output = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var error = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        try
        {
            var id = PosixSpawn.Start(
                [file, .. arguments], [.. environment.Select(variable => $"{variable.Key}={variable.Value}")],
                output.ClientSafePipeHandle, error.ClientSafePipeHandle);
            output.DisposeLocalCopyOfClientHandle();
            error.DisposeLocalCopyOfClientHandle();
            return new(id, output, error);
        }
        catch
        {
            output.Dispose();
            error.Dispose();
            throw;
        }
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Signal([Id], Sigterm);

    /// <summary>SIGKILL to it and what it started: a stopped process does not escape that.</summary>
    public void Kill() => Signal([Id, .. DescendantsOf(Id)], Sigkill);

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private void Signal(IReadOnlyList<int> targets, int signal)
    {
        // Until it is reaped its number is nobody else's.
        lock (_lock)
        {
            if (_reaped)
                return;
            foreach (var target in targets)
                _ = PosixSpawn.Kill(target, signal);
        }
    }

    private static IEnumerable<int> DescendantsOf(int process)
    {
        string children;
        try
        {
            children = File.ReadAllText($"/proc/{process}/task/{process}/children");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return [];
        }
        return children.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
            .SelectMany(child => (IEnumerable<int>)[child, .. DescendantsOf(child)]);
    }

    private void Reap()
    {
        PosixSpawn.AwaitEnd(Id);
        lock (_lock)
        {
            _reaped = true;
            _ended.SetResult(PosixSpawn.Reap(Id));
        }
    }
}
