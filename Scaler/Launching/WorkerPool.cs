using System.ComponentModel;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using SdAspire.Scaler.Jobs;

namespace SdAspire.Scaler.Launching;

/// <summary>The workers of this launcher: starts them, counts them, and sees to it that none outlives it.</summary>
public sealed partial class WorkerPool : IAsyncDisposable
{
    // As Kubernetes makes up the names of a Job's pods: nothing that spells a word or is misread.
    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    private const int TryAgain = 11;
    private const int OutOfMemory = 12;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (WorkerProcess Process, Task Observed)> _workers = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly SpawnThread _spawner = new();
    private readonly string _readinessFolder = ReadinessFolder.Create();
    private readonly ScalerOptions _options;
    private readonly JobEnvironment _environment;
    private readonly GpuSlots _gpus;
    private readonly LaunchGate _gate;
    private readonly JobHistory _history;
    private readonly LauncherMetrics _metrics;
    private readonly WakeSignal _wake;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkerPool> _logger;

    public WorkerPool(
        IOptions<ScalerOptions> options, JobEnvironment environment, GpuSlots gpus, LaunchGate gate, JobHistory history,
        LauncherMetrics metrics, WakeSignal wake, TimeProvider time, ILogger<WorkerPool> logger)
    {
        _options = options.Value;
        _environment = environment;
        _gpus = gpus;
        _gate = gate;
        _history = history;
        _metrics = metrics;
        _wake = wake;
        _time = time;
        _logger = logger;
    }

    public (int Running, int Pending) Count()
    {
        lock (_lock)
            return (_workers.Count, _workers.Values.Count(worker => worker.Process.IsPending));
    }

    /// <summary>Starts workers for messages that were heard of at the timestamp <paramref name="heardAt"/>.</summary>
    public async Task StartAsync(long count, long heardAt)
    {
        for (var i = 0L; i < count && !_stopping.IsCancellationRequested; i++)
        {
            var name = "worker-" + RandomNumberGenerator.GetString(NameAlphabet, 5);
            var readinessFile = Path.Combine(_readinessFolder, name);
            // The maximum is no more than there are GPUs for.
            if (!_gpus.TryTake(out var devices))
                return;
            SpawnedProcess process;
            try
            {
                process = await _spawner.StartAsync(() => Spawn(_environment.For(name, readinessFile, devices)));
            }
            catch (Win32Exception exception)
            {
                _gpus.Return(devices);
                // Too many processes or too little memory passes; a command that is not there does not.
                _gate.Ended(exception.NativeErrorCode is TryAgain or OutOfMemory ? ExitKind.Transient : ExitKind.Configuration,
                    name, _time.GetUtcNow(), exception.Message);
                return;
            }
            _metrics.Started(heardAt);
            // Before the first line that it writes.
            _history.Started(name, process.Id, devices);
            var worker = new WorkerProcess(name, devices, process, readinessFile, _history, _time);
            LogStarted(name, worker.Id);
            lock (_lock)
                _workers.Add(name, (worker, ObserveAsync(worker)));
            // Whoever stops the pool may have looked just before.
            if (_stopping.IsCancellationRequested)
                worker.Terminate();
        }
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        (WorkerProcess Process, Task Observed)[] workers;
        lock (_lock)
            workers = [.. _workers.Values];
        foreach (var (process, _) in workers)
            process.Terminate();
        try
        {
            await Task.WhenAll(workers.Select(worker => worker.Observed)).WaitAsync(_options.StopTimeout, _time);
        }
        catch (TimeoutException)
        {
            foreach (var (process, observed) in workers.Where(worker => !worker.Observed.IsCompleted))
            {
                LogKilled(process.Name);
                process.Kill();
                await observed;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _spawner.Dispose();
        _stopping.Dispose();
        Directory.Delete(_readinessFolder, recursive: true);
    }

    private async Task ObserveAsync(WorkerProcess worker)
    {
        // The pool's lock is held by the caller up to the first await.
        await Task.Yield();
        var followed = FollowAsync(worker);
        var enforced = _options is { ActiveDeadlineSeconds: > 0, MinReplicaCount: 0 }
            ? worker.EnforceAsync(Seconds.Of(_options.ActiveDeadlineSeconds), _options.StopTimeout)
            : Task.CompletedTask;
        var end = await worker.WaitForExitAsync();
        var endedAt = _time.GetUtcNow();
        await Task.WhenAll(followed, enforced);
        var reason = ExitCodes.Reason(end.ExitCode, worker.DeadlineExceeded);
        LogEnded(worker.Name, end.ExitCode, reason, end.CpuTime.TotalSeconds);
        _history.Ended(worker.Name, end, reason, worker.LastError);
        _metrics.Ended(reason, endedAt - worker.StartedAt, end.CpuTime);
        _gpus.Return(worker.Devices);
        // Before its place is free, or a start could slip in ahead of the pause.
        if (!_stopping.IsCancellationRequested)
            _gate.Ended(ExitCodes.Kind(reason), worker);
        lock (_lock)
            _workers.Remove(worker.Name);
        _wake.Raise(Wake.WorkerEnded);
        worker.Release();
    }

    private async Task FollowAsync(WorkerProcess worker)
    {
        if (await worker.WaitUntilReadyAsync())
            _history.Ready(worker.Name, worker.TaskInHand);
        _wake.Raise(Wake.WorkerReady);
        await worker.FollowTasksAsync(task => _history.Took(worker.Name, task));
    }

    private SpawnedProcess Spawn(IReadOnlyDictionary<string, string> environment)
    {
        // However the launcher ends, the kernel takes its workers with it and the broker puts their messages back.
        List<string> arguments = ["--pdeathsig", "KILL", "--"];
        if (_options.Job.Command.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            arguments.Add(DotnetHost());
        return SpawnedProcess.Start("setpriv", [.. arguments, _options.Job.Command, .. _options.Job.Arguments], environment);
    }

    private static string DotnetHost() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    [LoggerMessage(LogLevel.Information, "{Worker} started (process {ProcessId})")]
    private partial void LogStarted(string worker, int processId);

    [LoggerMessage(
        LogLevel.Information, "{Worker} ended with exit code {ExitCode} ({Reason}) after {CpuSeconds:0.00} s of CPU time")]
    private partial void LogEnded(string worker, int exitCode, JobReason reason, double cpuSeconds);

    [LoggerMessage(LogLevel.Warning, "{Worker} did not end in time and is killed")]
    private partial void LogKilled(string worker);
}
