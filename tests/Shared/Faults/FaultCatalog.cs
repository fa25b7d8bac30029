namespace SdAspire.Tests.Shared.Faults;

/// <summary>All faults that the application is to survive.</summary>
internal static class FaultCatalog
{
    // A worker that is killed says nothing about the next one's chances: one message each, so that there are many of them.
    private const int OneEach = 1;

    public static Fault WorkerPainting { get; } =
        new("worker-painting", 8, WorkerFaults.PaintingAsync) { MaxTasks = OneEach, Steps = 12 };

    public static Fault WorkerAcknowledging { get; } =
        new("worker-acknowledging", 8, WorkerFaults.AcknowledgingAsync) { MaxTasks = OneEach, ThroughProxy = true };

    // RabbitMQ writes Raft's directory of queues up to a second after a queue's declaration; one that is killed before that has
    // a queue without a leader ever after.
    public static Fault Broker { get; } = new("broker", 2, PartFaults.BrokerAsync) { Settling = TimeSpan.FromSeconds(2) };

    public static Fault Storage { get; } = new("storage", 3, PartFaults.StorageAsync);

    public static Fault Launcher { get; } = new("launcher", 3, PartFaults.LauncherAsync);

    public static Fault Everything { get; } = new("everything-stops", 1, PartFaults.EverythingAsync);

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("worker-taking", 8, WorkerFaults.TakingAsync) { MaxTasks = OneEach },
        new("worker-loading", 8, WorkerFaults.LoadingAsync) { MaxTasks = OneEach },
        WorkerPainting,
        new("worker-uploading", 8, WorkerFaults.UploadingAsync) { MaxTasks = OneEach, ThroughProxy = true },
        WorkerAcknowledging,
        Broker,
        Storage,
        Launcher,
        new("webui", 3, PartFaults.WebUiAsync),
        new("storage-hangs", 1, StorageFaults.HangsAsync),
        new("storage-refuses", 1, StorageFaults.RefusesAsync) { ThroughProxy = true },
        new("storage-full", 1, StorageFaults.FullAsync) { StorageSize = "16m" },
        new("poison", 8, MessageFaults.PoisonAsync),
        new("large-message", 4, MessageFaults.LargeAsync),
        new("unknown-version", 3, MessageFaults.VersionAsync),
        new("duplicate-message", 6, MessageFaults.DuplicateAsync),
        new("worker-hangs", 3, HangFaults.WorkerAsync)
        {
            MaxTasks = OneEach,
            Steps = 12,
            Environment = new Dictionary<string, string> { ["Scaler__activeDeadlineSeconds"] = HangFaults.DeadlineSeconds },
        },
        new("picture-hangs", 2, HangFaults.PictureAsync)
        {
            Environment = new Dictionary<string, string>
            {
                ["Scaler__Job__Environment__Worker__PictureSeconds"] = HangFaults.PictureSeconds,
            },
        },
        new("model-vanishes", 2, HangFaults.ModelAsync)
        {
            OwnModel = true,
            Environment = new Dictionary<string, string> { ["Scaler__maxBackoff"] = "00:00:10" },
        },
        Everything,
        new("apphost", 1, PartFaults.AppHostAsync),
    ];
}
