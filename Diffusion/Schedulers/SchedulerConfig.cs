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

    // DDIM, DDPM, PNDM
    public bool? SetAlphaToOne { get; set; }
    public bool? ClipSample { get; set; }
    public double ClipSampleRange { get; set; } = 1;
    public bool Thresholding { get; set; }
    public bool SkipPrkSteps { get; set; }
    public string? VarianceType { get; set; }

    // Those that reckon in noise relative to the signal
    public string InterpolationType { get; set; } = "linear";
    public bool UseKarrasSigmas { get; set; }
    public bool UseExponentialSigmas { get; set; }
    public bool UseBetaSigmas { get; set; }
    public double? SigmaMin { get; set; }
    public double? SigmaMax { get; set; }
    public string TimestepType { get; set; } = "discrete";
    public string? FinalSigmasType { get; set; }

    // DPM-Solver, DEIS, UniPC
    public int SolverOrder { get; set; } = 2;
    public string? AlgorithmType { get; set; }
    public string? SolverType { get; set; }
    public bool? LowerOrderFinal { get; set; }
    public bool EulerAtFinal { get; set; }
    public bool UseLuLambdas { get; set; }
    public bool UseFlowSigmas { get; set; }
    public bool PredictX0 { get; set; } = true;
    public IReadOnlyList<int>? DisableCorrector { get; set; }

    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public double LambdaMinClipped { get; set; } = double.NegativeInfinity;

    // LCM, TCD
    public int OriginalInferenceSteps { get; set; } = 50;
    public double TimestepScaling { get; set; } = 10;
}
