using SdAspire.Diffusion;
using SdAspire.Generation;

namespace SdAspire.Worker;

public enum WorkerMode
{
    /// <summary>One message, or several, then the end.</summary>
    Job,

    /// <summary>One message after another until it is stopped.</summary>
    Continuous,
}

/// <summary>Section <c>Worker:Loras:N</c>.</summary>
public sealed record LoraOptions
{
    /// <summary>Its .safetensors file.</summary>
    public string Path { get; set; } = "";

    /// <summary>How strongly it is merged; 1 is what it was trained for.</summary>
    public double Scale { get; set; } = 1;
}

/// <summary>Section <c>Worker</c>.</summary>
public sealed record WorkerOptions
{
    public const string Section = "Worker";

    private const int SecondsOfDay = 86_400;
    private const int LargestBatch = 64;

    /// <summary>The model's directory, in diffusers layout, or its single .safetensors file.</summary>
    public string Model { get; set; } = "";

    /// <summary>What tasks call the model; null for the name of its directory.</summary>
    public string? ModelName { get; set; }

    /// <summary>Merged into the model when it is loaded, in their order.</summary>
    public IReadOnlyList<LoraOptions> Loras { get; set; } = [];

    /// <summary>What the UNet computes in.</summary>
    public Precision Precision { get; set; } = Precision.Auto;

    /// <summary>The folder of an autoencoder to use instead of the model's; null for its own.</summary>
    public string? Autoencoder { get; set; }

    /// <summary>Whether pictures go through the model's safety checker, where it ships one.</summary>
    public bool SafetyChecker { get; set; } = true;

    /// <summary>How the engine is to load the model.</summary>
    public LoadOptions Load => new()
    {
        Device = Device,
        Precision = Precision,
        Loras = [.. Loras.Select(lora => new Lora(lora.Path, lora.Scale))],
        Autoencoder = Autoencoder,
        SafetyChecker = SafetyChecker,
    };

    /// <summary>Where the model's tasks wait.</summary>
    public string Queue { get; set; } = GenerationTopology.Queue;

    public DeviceChoice Device { get; set; } = DeviceChoice.Auto;

    /// <summary>Threads of the engine; 0 leaves it to the engine.</summary>
    public int Threads { get; set; }

    public WorkerMode Mode { get; set; } = WorkerMode.Job;

    /// <summary>
    /// How long a job waits for its first message; -1 for as long as it takes, with the model loaded before it waits.
    /// </summary>
    public int WaitSeconds { get; set; } = 10;

    /// <summary>How long a job tries to reach the broker; a continuous worker never gives up.</summary>
    public int ConnectSeconds { get; set; } = 10;

    /// <summary>How long to try again when the storage fails, before the attempt counts as failed.</summary>
    public int StorageSeconds { get; set; } = 15;

    /// <summary>
    /// The watchdog: how long the model's loading, or one picture, may take before the attempt counts as failed and the process
    /// ends, because the engine cannot be interrupted. 0 for as long as it takes. Ten times what the slowest picture needs is
    /// late enough for a busy machine.
    /// </summary>
    public int PictureSeconds { get; set; }

    /// <summary>
    /// How many messages a job takes, whatever becomes of them; 0 for no limit. Without it one.
    /// </summary>
    public int? MaxTasks { get; set; }

    /// <summary>
    /// How long a job that may take several messages waits for the next one. Without it 0: it ends when nothing is waiting.
    /// </summary>
    public int? IdleSeconds { get; set; }

    /// <summary>
    /// For how long after SIGTERM the message in hand may still be finished; none is taken any more. 0 puts it back at once.
    /// </summary>
    public int DrainSeconds { get; set; }

    /// <summary>
    /// Pictures painted in one pass: those of one message, and of further messages of the same size, steps and scheduler that are
    /// waiting.
    /// </summary>
    public int BatchSize { get; set; } = 1;

    /// <summary>After this many failed attempts a task is a dead letter.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>
    /// Created once a job has taken its first message: until then it is <em>pending</em> for the launcher, and its pod not ready
    /// for KEDA. That of a continuous worker is there while messages can reach it. It names the message taken last.
    /// </summary>
    public string? ReadinessFile { get; set; }

    /// <summary>What the worker is called in events and records.</summary>
    public string Name { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>What is wrong, in one sentence; null if nothing is.</summary>
    public string? Problem() => this switch
    {
        { Model: "" } => "Worker__Model is missing: the model's directory.",
        { ModelName: "" } => "Worker__ModelName is empty; without it the model has the name of its directory.",
        _ when Loras.Index().FirstOrDefault(lora => lora.Item.Path is "") is { Item: { } } odd =>
            $"Worker__Loras__{odd.Index}__Path is missing: the LoRA's file.",
        { Autoencoder: "" } => "Worker__Autoencoder is empty; without it the model's own is used.",
        _ when QueueName.Fault(Queue) is { } fault => $"Worker__Queue {fault}.",
        { Threads: < 0 } => $"Worker__Threads is {Threads}, it cannot be negative.",
        { WaitSeconds: < -1 } => $"Worker__WaitSeconds is {WaitSeconds}, it must be at least -1.",
        { ConnectSeconds: < 0 } => $"Worker__ConnectSeconds is {ConnectSeconds}, it cannot be negative.",
        { StorageSeconds: < 0 } => $"Worker__StorageSeconds is {StorageSeconds}, it cannot be negative.",
        { PictureSeconds: < 0 or > SecondsOfDay } =>
            $"Worker__PictureSeconds is {PictureSeconds}, it must be from 0 to {SecondsOfDay}.",
        { MaxAttempts: < 1 } => $"Worker__MaxAttempts is {MaxAttempts}, it must be at least 1.",
        { DrainSeconds: < 0 or > SecondsOfDay } =>
            $"Worker__DrainSeconds is {DrainSeconds}, it must be from 0 to {SecondsOfDay}.",
        { Mode: not (WorkerMode.Job or WorkerMode.Continuous) } => $"Worker__Mode is {Mode}, it must be Job or Continuous.",
        { Mode: WorkerMode.Continuous, MaxTasks: { } limit } =>
            $"Worker__MaxTasks is {limit}, but a worker in mode Continuous takes messages until it is stopped: leave it out.",
        { Mode: WorkerMode.Continuous, IdleSeconds: { } seconds } =>
            $"Worker__IdleSeconds is {seconds}, but a worker in mode Continuous waits until it is stopped: leave it out.",
        { MaxTasks: < 0 } => $"Worker__MaxTasks is {MaxTasks}, it must be at least 1, or 0 for no limit.",
        { MaxTasks: null or 1, IdleSeconds: { } seconds } =>
            $"Worker__IdleSeconds is {seconds}, but without a Worker__MaxTasks other than 1 no second message is waited for.",
        { IdleSeconds: < 0 or > SecondsOfDay } =>
            $"Worker__IdleSeconds is {IdleSeconds}, it must be from 0 to {SecondsOfDay}.",
        { BatchSize: < 1 or > LargestBatch } => $"Worker__BatchSize is {BatchSize}, it must be from 1 to {LargestBatch}.",
        { ReadinessFile: { } file } when !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))) =>
            $"Worker__ReadinessFile: there is no folder for {file}.",
        _ => null,
    };
}
