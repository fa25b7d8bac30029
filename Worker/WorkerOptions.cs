using SdAspire.Diffusion;
using SdAspire.Generation;

namespace SdAspire.Worker;

public enum WorkerMode
{
    /// <summary>One message, then the end.</summary>
    Job,
    Continuous,
}

/// <summary>Section <c>Worker</c>.</summary>
public sealed record WorkerOptions
{
    public const string Section = "Worker";

    /// <summary>The model's directory, in diffusers layout.</summary>
    public string Model { get; set; } = "";

    /// <summary>What tasks call the model; null for the name of its directory.</summary>
    public string? ModelName { get; set; }

    /// <summary>Where the model's tasks wait.</summary>
    public string Queue { get; set; } = GenerationTopology.Queue;

    public DeviceChoice Device { get; set; } = DeviceChoice.Auto;

    /// <summary>Threads of the engine; 0 leaves it to the engine.</summary>
    public int Threads { get; set; }

    public WorkerMode Mode { get; set; } = WorkerMode.Job;

    /// <summary>How long to wait for a message; -1 for as long as it takes.</summary>
    public int WaitSeconds { get; set; } = 10;

    /// <summary>How long to try to reach the broker.</summary>
    public int ConnectSeconds { get; set; } = 10;

    /// <summary>How long to try again when the storage fails, before the attempt counts as failed.</summary>
    public int StorageSeconds { get; set; } = 15;

    /// <summary>Messages of one process.</summary>
    public int MaxTasks { get; set; } = 1;

    /// <summary>How long a worker that takes several messages waits for the next one.</summary>
    public int? IdleSeconds { get; set; }

    /// <summary>Messages painted together.</summary>
    public int BatchSize { get; set; } = 1;

    /// <summary>After this many failed attempts a task is a dead letter.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// Created once a message is taken: until then this worker is <em>pending</em> for the launcher, and its pod not ready for
    /// KEDA.
    /// </summary>
    public string? ReadinessFile { get; set; }

    /// <summary>What the worker is called in events and records.</summary>
    public string Name { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>What is wrong, in one sentence; null if nothing is.</summary>
    public string? Problem() => this switch
    {
        { Model: "" } => "Worker__Model is missing: the model's directory.",
        { ModelName: "" } => "Worker__ModelName is empty; without it the model has the name of its directory.",
        _ when QueueName.Fault(Queue) is { } fault => $"Worker__Queue {fault}.",
        { Threads: < 0 } => $"Worker__Threads is {Threads}, it cannot be negative.",
        { WaitSeconds: < -1 } => $"Worker__WaitSeconds is {WaitSeconds}, it must be at least -1.",
        { ConnectSeconds: < 0 } => $"Worker__ConnectSeconds is {ConnectSeconds}, it cannot be negative.",
        { StorageSeconds: < 0 } => $"Worker__StorageSeconds is {StorageSeconds}, it cannot be negative.",
        { MaxAttempts: < 1 } => $"Worker__MaxAttempts is {MaxAttempts}, it must be at least 1.",
        { Mode: not WorkerMode.Job } => $"Worker__Mode is {Mode}; this version knows only Job.",
        { MaxTasks: not 1 } => $"Worker__MaxTasks is {MaxTasks}; this version takes one message for each process.",
        { IdleSeconds: { } seconds } =>
            $"Worker__IdleSeconds is {seconds}; this version takes one message for each process and never waits for another.",
        { BatchSize: not 1 } => $"Worker__BatchSize is {BatchSize}; this version paints one message at a time.",
        { ReadinessFile: { } file } when !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))) =>
            $"Worker__ReadinessFile: there is no folder for {file}.",
        _ => null,
    };
}
