using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>Who looks at what is being painted on this replica: workers make previews only while somebody does, anywhere.</summary>
public sealed partial class Audience(Onlookers onlookers, TimeProvider time, ILogger<Audience> logger) : BackgroundService
{
    // A page without script, or a program that asks again and again, looks now and then. A page that is loaded anew is away for a moment.
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CheckPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private int _watching;
    private DateTimeOffset _lastSeen = DateTimeOffset.MinValue;
    private TaskCompletionSource _came = NewSignal();

    /// <summary>Somebody looks until what is returned is disposed of.</summary>
    public IDisposable Watch()
    {
        lock (_gate)
        {
            _watching++;
            _came.TrySetResult();
        }
        return new Seat(this);
    }

    /// <summary>Somebody looked just now, and may look again.</summary>
    public void Look()
    {
        lock (_gate)
        {
            _lastSeen = time.GetUtcNow();
            _came.TrySetResult();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _came.Task.WaitAsync(stoppingToken);
                await using var onlooker = await onlookers.LookAsync(stoppingToken);
                while (onlooker.IsSeen && !IsOver())
                    await Task.Delay(CheckPeriod, time, stoppingToken);
            }
            catch (BrokerUnavailableException e)
            {
                LogUnseen(e.Message);
                await Task.Delay(CheckPeriod, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private bool IsOver()
    {
        lock (_gate)
        {
            if (_watching > 0 || time.GetUtcNow() - _lastSeen < Glance)
                return false;
            _came = NewSignal();
            return true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Debug, "Workers cannot know that somebody looks: {Message}")]
    private partial void LogUnseen(string message);

    private sealed class Seat(Audience audience) : IDisposable
    {
        public void Dispose()
        {
            lock (audience._gate)
                audience._watching--;
            audience.Look();
        }
    }
}
