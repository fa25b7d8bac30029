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

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
    ];

    public CancellationToken Token => _source.Token;

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _lastResort ??= new Timer(_ => NativeProcess.ExitNow(ExitCode.Done), null, Patience, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }
}
