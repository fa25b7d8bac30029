namespace SdAspire.Worker.Jobs;

/// <summary>What became of a message.</summary>
public enum TaskOutcome
{
    /// <summary>Painted, or found to be finished or cancelled.</summary>
    Done,

    /// <summary>In the queue again because this worker stops.</summary>
    PutBack,

    /// <summary>In the queue again after an attempt that failed.</summary>
    Failed,

    /// <summary>In the queue again because the storage is away, as it is for every other message.</summary>
    WithoutStorage,

    DeadLettered,
}

public static class TaskOutcomes
{
    /// <summary>Whether the next message may well have the same fate, so that a pause comes before it.</summary>
    public static bool IsTransient(this TaskOutcome outcome) => outcome is TaskOutcome.Failed or TaskOutcome.WithoutStorage;

    public static int ExitCode(this TaskOutcome outcome) => outcome switch
    {
        TaskOutcome.DeadLettered => Worker.ExitCode.DeadLettered,
        _ when outcome.IsTransient() => Worker.ExitCode.Transient,
        _ => Worker.ExitCode.Done,
    };
}
