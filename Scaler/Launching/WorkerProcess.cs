using Aspire.Hosting.Running;
using SdAspire.Scaler.Jobs;

namespace SdAspire.Scaler.Launching;

/// <summary>One worker. It is pending until it has created its readiness file, which it does once it has taken a message.</summary>
public sealed class WorkerProcess
{
    // What is longer comes in pieces: a worker that never ends its line must not fill the launcher's memory.
    private const int MaxLineLength = 16 << 10;

    private static readonly TimeSpan ReadinessPeriod = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan TaskPeriod = TimeSpan.FromMilliseconds(500);
    // A grandchild may hold the pipes open after the worker is gone.
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private readonly SpawnedProcess _process;
    private readonly string _readinessFile;
    private readonly TimeProvider _time;
    private readonly Task _output;
    private string? _lastError;

    public WorkerProcess(
        string name, string? devices, SpawnedProcess process, string readinessFile, JobHistory history, TimeProvider time)
    {
        Name = name;
        Devices = devices;
        StartedAt = time.GetUtcNow();
        _process = process;
        _readinessFile = readinessFile;
        _time = time;
        _output = Task.WhenAll(
            ForwardAsync(process.Output, Console.Out, line => history.Wrote(name, line, isError: false)),
            ForwardAsync(process.Error, Console.Error, line =>
            {
                if (!string.IsNullOrWhiteSpace(line))
                    _lastError = line;
                history.Wrote(name, line, isError: true);
            }));
    }

    public string Name { get; }

    /// <summary>The GPUs that it was given, or null where they are nobody's to give.</summary>
    public string? Devices { get; }

    public DateTimeOffset StartedAt { get; }
    public int Id => _process.Id;
    public bool IsPending => !File.Exists(_readinessFile);
    public TaskInHand? TaskInHand => TaskInHand.Read(_readinessFile);

    /// <summary>The last line the worker wrote to stderr: its reason where it ended with an error.</summary>
    public string? LastError => Volatile.Read(ref _lastError);

    /// <summary>Whether it was ended because it took too long.</summary>
    public bool DeadlineExceeded { get; private set; }

    /// <summary>Returns once the worker has taken its message, which is told, or has ended.</summary>
    public async Task<bool> WaitUntilReadyAsync()
    {
        while (IsPending && !_process.Ended.IsCompleted)
            await Task.Delay(ReadinessPeriod, _time);
        return !IsPending;
    }

    /// <summary>Tells the task of the message that it took last, whenever that is another one, until the end.</summary>
    public async Task FollowTasksAsync(Action<TaskInHand> took)
    {
        TaskInHand? last = null;
        while (true)
        {
            var ended = _process.Ended.IsCompleted;
            if (TaskInHand is { } now && now != last)
                took(last = now);
            if (ended)
                return;
            using var cancel = new CancellationTokenSource();
            await Task.WhenAny(_process.Ended, Task.Delay(TaskPeriod, _time, cancel.Token));
            await cancel.CancelAsync();
        }
    }

    /// <summary>SIGTERM at the deadline, and SIGKILL if that does not help in time.</summary>
    public async Task EnforceAsync(TimeSpan deadline, TimeSpan stopTimeout)
    {
        if (await EndsWithinAsync(deadline))
            return;
        DeadlineExceeded = true;
        Terminate();
        if (!await EndsWithinAsync(stopTimeout))
            Kill();
    }

    /// <summary>Waits for the end and for the rest of the output.</summary>
    public async Task<ProcessEnd> WaitForExitAsync()
    {
        var end = await _process.Ended;
        try
        {
            await _output.WaitAsync(DrainTimeout, _time);
        }
        catch (TimeoutException)
        {
        }
        return end;
    }

    public void Terminate() => _process.Terminate();

    public void Kill() => _process.Kill();

    public void Release()
    {
        File.Delete(_readinessFile);
        _process.Dispose();
    }

    private async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        try
        {
            await _process.Ended.WaitAsync(time, _time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task ForwardAsync(Stream stream, TextWriter output, Action<string> seen)
    {
        using var reader = new StreamReader(stream);
        var lines = new BoundedLineReader(reader, MaxLineLength);
        try
        {
            while (await lines.ReadLineAsync() is { } line)
            {
                seen(line);
                // One write for a line, so that lines of several workers never mix.
                await output.WriteAsync($"{Name}: {line}{Environment.NewLine}");
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or IOException)
        {
            // Released while a grandchild still held the pipe.
        }
    }
}
