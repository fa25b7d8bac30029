using System.ComponentModel;
using System.Diagnostics;
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
    private readonly LaunchGate _gate;
    private readonly JobHistory _history;
    private readonly WakeSignal _wake;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkerPool> _logger;

    public WorkerPool(IOptions<ScalerOptions> options, JobEnvironment environment, LaunchGate gate, JobHistory history, WakeSignal wake,
        TimeProvider time, ILogger<WorkerPool> logger)
    {
        _options = options.Value;
        _environment = environment;
        _gate = gate;
        _history = history;
        _wake = wake;
        _time = time;
        _logger = logger;
    }

    public (int Running, int Pending) Count()
    {
        lock (_lock)
            return (_workers.Count, _workers.Values.Count(worker => worker.Process.IsPending));
    }

    public async Task StartAsync(long count)
    {
        for (var i = 0L; i < count && !_stopping.IsCancellationRequested; i++)
        {
            var name = "worker-" + RandomNumberGenerator.GetString(NameAlphabet, 5);
            var readinessFile = Path.Combine(_readinessFolder, name);
            Process process;
            try
            {
                process = await _spawner.StartAsync(StartInfo(name, readinessFile));
            }
            catch (Win32Exception exception)
            {
                // Too many processes or too little memory passes; a command that is not there does not.
                _gate.Ended(exception.NativeErrorCode is TryAgain or OutOfMemory ? ExitKind.Transient : ExitKind.Configuration,
                    name, _time.GetUtcNow(), exception.Message);
                return;
            }
            // Before the first line that it writes.
            _history.Started(name, process.Id, _time.GetUtcNow());
            var worker = new WorkerProcess(name, process, readinessFile, _history, _time);
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
        var ready = SignalReadyAsync(worker);
        var code = await worker.WaitForExitAsync();
        await ready;
        LogEnded(worker.Name, code);
        _history.Ended(worker.Name, code, _time.GetUtcNow());
        // Before its place is free, or a start could slip in ahead of the pause.
        if (!_stopping.IsCancellationRequested)
            _gate.Ended(ExitCodes.Kind(code), worker);
        lock (_lock)
            _workers.Remove(worker.Name);
        _wake.Raise(Wake.WorkerEnded);
        worker.Release();
    }

    private async Task SignalReadyAsync(WorkerProcess worker)
    {
        if (await worker.WaitUntilReadyAsync(CancellationToken.None))
            _history.Ready(worker.Name);
        _wake.Raise(Wake.WorkerReady);
    }

    private ProcessStartInfo StartInfo(string name, string readinessFile)
    {
        // However the launcher ends, the kernel takes its workers with it and the broker puts their messages back.
        var info = new ProcessStartInfo("setpriv")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--pdeathsig", "KILL", "--" },
        };
        if (_options.Job.Command.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            info.ArgumentList.Add(DotnetHost());
        info.ArgumentList.Add(_options.Job.Command);
        foreach (var argument in _options.Job.Arguments)
            info.ArgumentList.Add(argument);
        info.Environment.Clear();
        foreach (var (variable, value) in _environment.For(name, readinessFile))
            info.Environment[variable] = value;
        return info;
    }

    private static string DotnetHost() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    [LoggerMessage(LogLevel.Information, "{Worker} started (process {ProcessId})")]
    private partial void LogStarted(string worker, int processId);

    [LoggerMessage(LogLevel.Information, "{Worker} ended with exit code {ExitCode}")]
    private partial void LogEnded(string worker, int exitCode);

    [LoggerMessage(LogLevel.Warning, "{Worker} did not end in time and is killed")]
    private partial void LogKilled(string worker);
}
