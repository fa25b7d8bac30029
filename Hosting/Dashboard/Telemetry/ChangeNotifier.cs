using System.Collections.Immutable;

namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>Tells subscribers of changes, once per interval at most: a burst is one change.</summary>
internal sealed partial class ChangeNotifier : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private ImmutableArray<Subscription> _subscriptions = [];
    private int _pending;
    private int _armed;

    public ChangeNotifier(TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _timer = time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public IDisposable Subscribe(TelemetryKinds kinds, Action<TelemetryKinds> changed)
    {
        var subscription = new Subscription(this, kinds, changed);
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Add(subscription));
        return subscription;
    }

    public void Changed(TelemetryKinds kinds)
    {
        if (_subscriptions.IsEmpty) return;
        Interlocked.Or(ref _pending, (int)kinds);
        if (Interlocked.Exchange(ref _armed, 1) == 0) _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Tell()
    {
        // Disarmed first: what changes from here on is told the next time.
        Interlocked.Exchange(ref _armed, 0);
        var kinds = (TelemetryKinds)Interlocked.Exchange(ref _pending, 0);
        foreach (var subscription in _subscriptions)
        {
            if ((subscription.Kinds & kinds) == 0) continue;
            try
            {
                subscription.Changed(kinds & subscription.Kinds);
            }
            catch (Exception e)
            {
                SubscriberFailed(_logger, e);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A subscriber failed.")]
    private static partial void SubscriberFailed(ILogger logger, Exception exception);

    private sealed class Subscription(ChangeNotifier owner, TelemetryKinds kinds, Action<TelemetryKinds> changed) : IDisposable
    {
        public TelemetryKinds Kinds => kinds;

        public Action<TelemetryKinds> Changed => changed;

        public void Dispose() => ImmutableInterlocked.Update(ref owner._subscriptions, all => all.Remove(this));
    }
}
