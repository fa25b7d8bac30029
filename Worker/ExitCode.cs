namespace SdAspire.Worker;

/// <summary>What the process tells whoever started it.</summary>
public static class ExitCode
{
    /// <summary>Painted, put back cleanly, no message within the wait, or stopped in mode Continuous.</summary>
    public const int Done = 0;

    /// <summary>Something that may pass; the message is in the queue again.</summary>
    public const int Transient = 1;

    /// <summary>Nothing was taken: the configuration or the model is wrong, or a command's input is.</summary>
    public const int Configuration = 2;

    /// <summary>The message is among the dead letters.</summary>
    public const int DeadLettered = 3;

    /// <summary>A command was stopped before its end, as shells have it for SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>
    /// What a process that took several messages ends with: the code that whoever started it has most to do about, which is 2,
    /// then 1, then 3, then 0.
    /// </summary>
    public static int Worse(int one, int other) => Weight(one) >= Weight(other) ? one : other;

    private static int Weight(int code) => code switch { Done => 0, DeadLettered => 1, Transient => 2, _ => 3 };
}
