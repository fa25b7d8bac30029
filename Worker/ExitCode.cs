namespace SdAspire.Worker;

/// <summary>What the process tells whoever started it.</summary>
public static class ExitCode
{
    /// <summary>Painted, put back cleanly, or no message within the wait.</summary>
    public const int Done = 0;

    /// <summary>Something that may pass; the message is in the queue again.</summary>
    public const int Transient = 1;

    /// <summary>Nothing was taken: the configuration or the model is wrong, or a command's input is.</summary>
    public const int Configuration = 2;

    /// <summary>The message is among the dead letters.</summary>
    public const int DeadLettered = 3;

    /// <summary>A command was stopped before its end, as shells have it for SIGINT.</summary>
    public const int Interrupted = 130;
}
