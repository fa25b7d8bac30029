using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aspire.Hosting.Running;

/// <summary>
/// Starts processes from one thread that lives as long as they do: the kernel sends the parent-death signal when the thread
/// ends that forked, not when the process ends.
/// </summary>
sealed class ProcessSpawner : IDisposable
{
    private readonly BlockingCollection<Action> _starts = [];
    private Thread? _thread;

    public Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_starts)
        {
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "Parent of the resources' processes" };
                _thread.Start();
            }
        }
        _starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    private void Run()
    {
        foreach (var start in _starts.GetConsumingEnumerable()) start();
    }

    /// <summary>Ends the thread, which tells every process that still runs to end.</summary>
    public void Dispose() => _starts.CompleteAdding();
}
