using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace SdAspire.Scaler;

/// <summary>
/// <c>Scaler:paused</c>, the ScaledJob's annotation <c>autoscaling.keda.sh/paused</c>, as the configuration says at any time: a
/// file that changes is read again, and the launcher looks at once.
/// </summary>
public sealed partial class PauseSwitch : IDisposable
{
    private const string Key = ScalerOptions.Section + ":Paused";

    private readonly ILogger<PauseSwitch> _logger;
    private readonly IDisposable _changes;
    private volatile bool _isPaused;

    public PauseSwitch(IConfiguration configuration, WakeSignal wake, ILogger<PauseSwitch> logger)
    {
        _logger = logger;
        _isPaused = Read(configuration);
        if (_isPaused)
            LogPaused();
        _changes = ChangeToken.OnChange(configuration.GetReloadToken, () =>
        {
            var before = _isPaused;
            if (before == (_isPaused = Read(configuration)))
                return;
            if (_isPaused)
                LogPaused();
            else
                LogResumed();
            wake.Raise(Wake.Resumed);
        });
    }

    public bool IsPaused => _isPaused;

    public void Dispose() => _changes.Dispose();

    // As KEDA reads its annotation: what is there and is no such value pauses.
    private static bool Read(IConfiguration configuration) => configuration[Key] switch
    {
        null or "" => false,
        var text => text.ToLower(CultureInfo.InvariantCulture) is not ("false" or "f" or "0"),
    };

    [LoggerMessage(LogLevel.Information, "Paused: nothing new is started, and what runs goes on")]
    private partial void LogPaused();

    [LoggerMessage(LogLevel.Information, "Not paused any more")]
    private partial void LogResumed();
}
