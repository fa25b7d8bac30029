using System.Collections.Concurrent;
using System.Diagnostics;

namespace SdAspire.Scaler.Launching;

/// <summary>
/// Starts processes from one thread that lives as long as they do: the kernel sends a child its parent-death signal when the
/// <em>thread</em> that forked it ends, and a thread-pool thread may end at any time.
/// </summary>
public sealed class SpawnThread : IDisposable
{
    private readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Started)> _requests = [];

    public SpawnThread() => new Thread(Run) { IsBackground = true, Name = "spawn" }.Start();

    public Task<Process> StartAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Add((info, started));
        return started.Task;
    }

    public void Dispose() => _requests.CompleteAdding();

    private void Run()
    {
        foreach (var (info, started) in _requests.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(info) ?? throw new InvalidOperationException($"{info.FileName} did not start."));
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        }
    }
}
