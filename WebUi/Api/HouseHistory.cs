namespace SdAspire.WebUi.Api;

/// <summary>How long the line was and how many jobs there were in the last minutes, for the chart of whoever comes to look.</summary>
internal sealed class HouseHistory(HouseFigures figures, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<(DateTimeOffset At, int Queued, int Jobs)> _changes = new();
    private (int Queued, int Jobs) _last;

    /// <summary>The oldest first; each was so until the next.</summary>
    public IReadOnlyList<HouseSample> Past()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            return [.. _changes.Select(
                change => new HouseSample(Math.Round((now - change.At).TotalSeconds, 1), change.Queued, change.Jobs))];
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
                Look();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The service goes.
        }
    }

    private void Look()
    {
        var (now, at) = (figures.Now(), time.GetUtcNow());
        lock (_gate)
        {
            if (_changes.Count > 0 && _last == (now.Queued, now.Jobs))
                return;
            _last = (now.Queued, now.Jobs);
            _changes.Enqueue((at, now.Queued, now.Jobs));
            // The last one before the window says how it was when that began.
            while (_changes.Skip(1).FirstOrDefault() is { At: var next } && next != default && next < at - Window)
                _changes.Dequeue();
        }
    }
}
