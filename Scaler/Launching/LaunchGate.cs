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

    /// <summary>What is wrong with the configuration, in one line; null while that is not known, or once a worker got by it.</summary>
    public string? ConfigurationError => Volatile.Read(ref _configurationError);

    /// <summary>Time until the next start; zero when the gate is open.</summary>
    public TimeSpan Closed
    {
        get
        {
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
                // Most of these need a person, but a model that is still being copied is whole a while later.
                var reason = $"The configuration is wrong: {lastError ?? $"{worker} gave no reason"}";
                Volatile.Write(ref _configurationError, reason);
                lock (_lock)
                    _openAt = (_backoffBegan = time.GetUtcNow()) + options.Value.MaxBackoff;
                LogConfiguration(reason, options.Value.MaxBackoff);
                break;
            case ExitKind.Transient:
                Volatile.Write(ref _configurationError, null);
                BackOff(startedAt);
                break;
            default:
                Volatile.Write(ref _configurationError, null);
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

    [LoggerMessage(LogLevel.Error, "{Reason} (the next worker is started in {Pause} at the earliest)")]
    private partial void LogConfiguration(string reason, TimeSpan pause);

    [LoggerMessage(LogLevel.Warning, "A worker failed; the next one is started in {Pause} at the earliest")]
    private partial void LogBackoff(TimeSpan pause);
}
