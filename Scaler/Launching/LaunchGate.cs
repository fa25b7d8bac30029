using Microsoft.Extensions.Options;

namespace SdAspire.Scaler.Launching;

/// <summary>Whether workers may be started now, from how the last ones ended.</summary>
public sealed partial class LaunchGate(IOptions<ScalerOptions> options, TimeProvider time, ILogger<LaunchGate> logger)
{
    private readonly Lock _lock = new();
    private int _failures;
    private DateTimeOffset _backoffBegan = DateTimeOffset.MinValue;
    private DateTimeOffset _openAt = DateTimeOffset.MinValue;
    private string? _configurationError;

    /// <summary>Why nothing is started any more, in one line; null while the configuration is not known to be wrong.</summary>
    public string? ConfigurationError => Volatile.Read(ref _configurationError);

    /// <summary>Time until the next start; zero when the gate is open, infinite once the configuration has turned out wrong.</summary>
    public TimeSpan Closed
    {
        get
        {
            if (ConfigurationError is not null)
                return Timeout.InfiniteTimeSpan;
            lock (_lock)
            {
                var left = _openAt - time.GetUtcNow();
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    public void Ended(ExitKind kind, WorkerProcess worker) => Ended(kind, worker.Name, worker.StartedAt, worker.LastError);

    public void Ended(ExitKind kind, string worker, DateTimeOffset startedAt, string? lastError)
    {
        switch (kind)
        {
            case ExitKind.Configuration:
                var reason = $"No more workers are started, the configuration is wrong: {lastError ?? $"{worker} gave no reason"}";
                Volatile.Write(ref _configurationError, reason);
                LogConfiguration(reason);
                break;
            case ExitKind.Transient:
                BackOff(startedAt);
                break;
            default:
                lock (_lock)
                    _failures = 0;
                break;
        }
    }

    private void BackOff(DateTimeOffset startedAt)
    {
        TimeSpan pause;
        lock (_lock)
        {
            // Workers that ran side by side fail side by side, for instance with the broker: that counts once.
            if (startedAt < _backoffBegan)
                return;
            var doubled = options.Value.Backoff * Math.Pow(2, Math.Min(_failures++, 30));
            pause = doubled < options.Value.MaxBackoff ? doubled : options.Value.MaxBackoff;
            _backoffBegan = time.GetUtcNow();
            _openAt = _backoffBegan + pause;
        }
        LogBackoff(pause);
    }

    [LoggerMessage(LogLevel.Error, "{Reason}")]
    private partial void LogConfiguration(string reason);

    [LoggerMessage(LogLevel.Warning, "A worker failed; the next one is started in {Pause} at the earliest")]
    private partial void LogBackoff(TimeSpan pause);
}
