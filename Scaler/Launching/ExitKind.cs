namespace SdAspire.Scaler.Launching;

/// <summary>What a worker's exit code says about starting the next one.</summary>
public enum ExitKind
{
    /// <summary>0 and 3: the message is done with, put back, or among the dead letters.</summary>
    Done,

    /// <summary>1, or ended by a signal: something that may pass.</summary>
    Transient,

    /// <summary>2, or a command that cannot be run (126, 127): every further worker would end the same way.</summary>
    Configuration,
}

public static class ExitCodes
{
    public static ExitKind Kind(int code) => code switch
    {
        0 or 3 => ExitKind.Done,
        2 or 126 or 127 => ExitKind.Configuration,
        _ => ExitKind.Transient,
    };
}
