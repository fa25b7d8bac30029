using System.Collections.Concurrent;

namespace SdAspire.Worker.Engine;

/// <summary>
/// The one thread that may touch the engine: libtorch's modes and its team of threads belong to the calling thread.
/// </summary>
public sealed class EngineThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private int _pending;

    public EngineThread() => new Thread(Run) { IsBackground = true, Name = "engine" }.Start();

    /// <summary>Nothing runs and nothing waits.</summary>
    public bool IsIdle => Volatile.Read(ref _pending) == 0;

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Increment(ref _pending);
        _work.Add(() =>
        {
            try
            {
                var result = work();
                Interlocked.Decrement(ref _pending);
                done.SetResult(result);
            }
            catch (Exception exception)
            {
                Interlocked.Decrement(ref _pending);
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }
}
