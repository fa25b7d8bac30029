using Microsoft.AspNetCore.Components;

namespace SdAspire.Hosting.Dashboard.Components;

/// <summary>Shows what changes all the time, drawn a few times a second at most, and not at all once it has gone.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly List<IDisposable> _subscriptions = [];
    private int _isPending;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    /// <summary>The least time between two drawings.</summary>
    protected virtual TimeSpan Interval => TimeSpan.FromMilliseconds(250);

    /// <summary>Cancelled when this is no longer shown.</summary>
    protected CancellationToken Leaving => _leaving.Token;

    /// <summary>Now, as this machine's clock has it.</summary>
    protected DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Ends the subscription with this component.</summary>
    protected void Watch(IDisposable subscription) => _subscriptions.Add(subscription);

    /// <summary>Something is new: draws soon. May be called on any thread.</summary>
    protected void Changed()
    {
        if (!_leaving.IsCancellationRequested && Interlocked.Exchange(ref _isPending, 1) == 0)
            _ = RefreshSoonAsync();
    }

    /// <summary>Reads what is to be shown.</summary>
    protected virtual void Refresh() { }

    /// <inheritdoc cref="Refresh"/>
    protected virtual Task RefreshAsync()
    {
        Refresh();
        return Task.CompletedTask;
    }

    private async Task RefreshSoonAsync()
    {
        try
        {
            await Task.Delay(Interval, Time, _leaving.Token);
            Volatile.Write(ref _isPending, 0);
            await InvokeAsync(async () =>
            {
                if (_leaving.IsCancellationRequested)
                    return;
                await RefreshAsync();
                StateHasChanged();
            });
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        catch (Exception exception) when (!_leaving.IsCancellationRequested)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called once, when this is no longer shown.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _leaving.IsCancellationRequested)
            return;
        _leaving.Cancel();
        _subscriptions.ForEach(one => one.Dispose());
        _leaving.Dispose();
    }
}
