using SdAspire.Scaler.Jobs;

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
    public static ExitKind Kind(int code) => Kind(Reason(code, deadlineExceeded: false));

    public static ExitKind Kind(JobReason reason) => reason switch
    {
        JobReason.Completed or JobReason.DeadLettered => ExitKind.Done,
        JobReason.ConfigurationError => ExitKind.Configuration,
        _ => ExitKind.Transient,
    };

    public static JobReason Reason(int code, bool deadlineExceeded) => code switch
    {
        _ when deadlineExceeded => JobReason.DeadlineExceeded,
        0 => JobReason.Completed,
        3 => JobReason.DeadLettered,
        2 or 126 or 127 => JobReason.ConfigurationError,
        _ => JobReason.TransientFailure,
    };
}
