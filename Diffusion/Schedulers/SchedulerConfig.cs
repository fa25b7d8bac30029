using System.Text.Json.Serialization;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>scheduler/scheduler_config.json. A key that is absent takes the default of the scheduler's class in diffusers.</summary>
public sealed record SchedulerConfig
{
    [JsonPropertyName("_class_name")] public string? ClassName { get; set; }
    public int NumTrainTimesteps { get; set; } = 1000;
    public double BetaStart { get; set; } = 0.0001;
    public double BetaEnd { get; set; } = 0.02;
    public string BetaSchedule { get; set; } = "linear";
    public IReadOnlyList<double>? TrainedBetas { get; set; }

    /// <summary>What the UNet predicts: epsilon (the noise), v_prediction (the velocity) or sample (the clean latents).</summary>
    public string PredictionType { get; set; } = "epsilon";
    public string? TimestepSpacing { get; set; }
    public int StepsOffset { get; set; }
    public bool RescaleBetasZeroSnr { get; set; }

    // DDIM, PNDM
    public bool? SetAlphaToOne { get; set; }
    public bool? ClipSample { get; set; }
    public double ClipSampleRange { get; set; } = 1;
    public bool Thresholding { get; set; }
    public bool SkipPrkSteps { get; set; }

    // Euler
    public string InterpolationType { get; set; } = "linear";
    public bool UseKarrasSigmas { get; set; }
    public bool UseExponentialSigmas { get; set; }
    public bool UseBetaSigmas { get; set; }
    public string TimestepType { get; set; } = "discrete";
    public string FinalSigmasType { get; set; } = "zero";
}
