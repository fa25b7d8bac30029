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
}

/// <summary>Gathers what happened until someone looks: any number of causes, one look.</summary>
public sealed class WakeSignal(TimeProvider time)
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _causes;

    public void Raise(Wake cause)
    {
        Interlocked.Or(ref _causes, (int)cause);
        _raised.Writer.TryWrite(true);
    }

    public async Task<Wake> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
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
        return (Wake)Interlocked.Exchange(ref _causes, 0);
    }
}
