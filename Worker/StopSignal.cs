using System.Runtime.InteropServices;

namespace SdAspire.Worker;

/// <summary>
/// SIGTERM and SIGINT as two tokens: nothing new is begun, and, after a time for what is in hand, that is given up as well. With
/// a last resort: whatever hangs, the process is gone in time.
/// </summary>
/// <remarks>It stays until the process is gone: a signal in its last moments must not replace the exit code.</remarks>
sealed class StopSignal
{
    // The broker puts back what was not acknowledged when the connection ends.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.6);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _givingUp = new();
    // Held, because a registration ends when it is collected.
    private readonly PosixSignalRegistration[] _registrations;
    private Timer? _lastResort;
    private int _code = ExitCode.Interrupted;

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
    ];

    /// <summary>Nothing new is begun.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>What is in hand is given up.</summary>
    public CancellationToken GivingUp => _givingUp.Token;

    /// <summary>How long what is in hand may take after the first signal; a second signal ends it.</summary>
    public TimeSpan Drain { get; set; }

    /// <summary>What the last resort exits with: that nothing was finished, until someone knows better.</summary>
    public int LastResort { get => Volatile.Read(ref _code); set => Volatile.Write(ref _code, value); }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        TimeSpan drain;
        lock (_gate)
        {
            drain = _lastResort is null ? Drain : TimeSpan.Zero;
            _lastResort ??= new Timer(_ => NativeProcess.ExitNow(LastResort));
            _lastResort.Change(drain + Patience, Timeout.InfiniteTimeSpan);
        }
        _stopping.Cancel();
        // Not by CancelAfter(0), which leaves it to the timer's thread.
        if (drain == TimeSpan.Zero)
            _givingUp.Cancel();
        else
            _givingUp.CancelAfter(drain);
    }
}
