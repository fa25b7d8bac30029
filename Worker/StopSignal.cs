using System.Runtime.InteropServices;

namespace SdAspire.Worker;

/// <summary>SIGTERM and SIGINT as a token, with a last resort: whatever hangs, the process is gone in time.</summary>
/// <remarks>It stays until the process is gone: a signal in its last moments must not replace the exit code.</remarks>
sealed class StopSignal
{
    // The broker puts back what was not acknowledged when the connection ends.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.6);

    private readonly CancellationTokenSource _source = new();
    // Held, because a registration ends when it is collected.
    private readonly PosixSignalRegistration[] _registrations;
    private Timer? _lastResort;
    private int _code = ExitCode.Interrupted;

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
    ];

    public CancellationToken Token => _source.Token;

    /// <summary>What the last resort exits with: that nothing was finished, until someone knows better.</summary>
    public int LastResort { get => Volatile.Read(ref _code); set => Volatile.Write(ref _code, value); }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _lastResort ??= new Timer(_ => NativeProcess.ExitNow(LastResort), null, Patience, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }
}
