using SdAspire.Keda.Settings;
using SdAspire.Scaler.Launching;

namespace SdAspire.Scaler;

/// <summary>Section <c>Scaler</c>: KEDA's ScaledJob settings, and what stands for the job's pod template on one machine.</summary>
public sealed record ScalerOptions : ScaledJobSettings
{
    public const string Section = "Scaler";

    public ScalerOptions()
    {
        // A hundred model processes are no default for one machine.
        MaxReplicaCount = Math.Max(1, Environment.ProcessorCount / 2);
        ScalingStrategy.Strategy = Keda.Settings.ScalingStrategy.Accurate;
        Trigger.Value = 1;
    }

    public JobOptions Job { get; set; } = new();

    public GpuOptions Gpu { get; set; } = new();

    /// <summary>What one worker costs while it runs, in any currency; without it there is no estimate.</summary>
    public double? PricePerHour { get; set; }

    /// <summary>Pause before the next start after a worker failed for a passing reason; doubled with each further failure.</summary>
    public TimeSpan Backoff { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long workers may take to put their message back before they are killed.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Times of the settings as timers take them.</summary>
static class Seconds
{
    // Some less than 2^32 milliseconds.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    public static TimeSpan Of(int seconds) => seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest;
}

/// <summary>How a worker is started. <see cref="Launching.JobEnvironment"/> reads the variables of <c>Scaler:Job:Environment</c>.</summary>
public sealed record JobOptions
{
    /// <summary>An executable, or a .dll that is run by the dotnet host.</summary>
    public string Command { get; set; } = "";

    public IList<string> Arguments { get; init; } = [];
}
