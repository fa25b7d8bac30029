using System.Threading.Channels;

namespace SdAspire.Scaler;

[Flags]
public enum Wake
{
    /// <summary>The polling interval or a pause is over.</summary>
    Poll = 0,
    Message = 1,
    WorkerReady = 2,
    WorkerEnded = 4,
    Disconnected = 8,

    /// <summary>The launcher was paused, or is not any more.</summary>
    Resumed = 16,
}

/// <summary>Gathers what happened until someone looks: any number of causes, one look.</summary>
public sealed class WakeSignal(TimeProvider time)
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private Wake _causes;
    private long _raisedAt;

    public void Raise(Wake cause)
    {
        lock (_lock)
        {
            if (_causes == Wake.Poll)
                _raisedAt = time.GetTimestamp();
            _causes |= cause;
        }
        _raised.Writer.TryWrite(true);
    }

    /// <summary>Waits for a cause, and takes all that are there, with the timestamp of the first, or of the timeout.</summary>
    public async Task<(Wake Causes, long Since)> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _raised.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
        lock (_lock)
        {
            var result = (_causes, _causes == Wake.Poll ? time.GetTimestamp() : _raisedAt);
            _causes = Wake.Poll;
            return result;
        }
    }
}
