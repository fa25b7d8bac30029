using SdAspire.Generation;

namespace SdAspire.Worker.Jobs;

/// <summary>
/// Looks once a second for the record of the task that is being painted. Where there is one, the task was cancelled, or a twin was
/// faster: there is nothing more to paint.
/// </summary>
public sealed class RecordWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _givingUp;
    private readonly Task _watching;
    private volatile bool _found;

    /// <param name="isThere">Asks the storage once.</param>
    /// <param name="givingUp">What also ends the painting.</param>
    public RecordWatch(Func<CancellationToken, Task<bool>> isThere, TimeProvider time, CancellationToken givingUp)
    {
        _givingUp = CancellationTokenSource.CreateLinkedTokenSource(givingUp);
        _watching = WatchAsync(isThere, time);
    }

    /// <summary>The painting is to end, whatever the reason.</summary>
    public CancellationToken GivingUp => _givingUp.Token;

    /// <summary>Whether a record is the reason.</summary>
    public bool Found => _found;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _givingUp.Dispose();
        _end.Dispose();
    }

    private async Task WatchAsync(Func<CancellationToken, Task<bool>> isThere, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (!_found && await timer.WaitForNextTickAsync(_end.Token))
                _found = await IsThereAsync(isThere);
            await _givingUp.CancelAsync();
        }
        // The SDK ends a request that is given up with more than one kind of exception.
        catch (Exception) when (_end.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> IsThereAsync(Func<CancellationToken, Task<bool>> isThere)
    {
        try
        {
            return await isThere(_end.Token);
        }
        catch (StorageUnavailableException)
        {
            // Painting goes on without storage; who stores the picture waits for it.
            return false;
        }
    }
}
