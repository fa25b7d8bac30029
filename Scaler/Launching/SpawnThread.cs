using System.Collections.Concurrent;

namespace SdAspire.Scaler.Launching;

/// <summary>
/// Starts processes from one thread that lives as long as they do: the kernel sends a child its parent-death signal when the
/// <em>thread</em> that forked it ends, and a thread-pool thread may end at any time.
/// </summary>
public sealed class SpawnThread : IDisposable
{
    private readonly BlockingCollection<(Func<SpawnedProcess> Start, TaskCompletionSource<SpawnedProcess> Started)> _requests = [];

    public SpawnThread() => new Thread(Run) { IsBackground = true, Name = "spawn" }.Start();

    public Task<SpawnedProcess> StartAsync(Func<SpawnedProcess> start)
    {
        var started = new TaskCompletionSource<SpawnedProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Add((start, started));
        return started.Task;
    }

    public void Dispose() => _requests.CompleteAdding();

    private void Run()
    {
        foreach (var (start, started) in _requests.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(start());
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        }
    }
}
