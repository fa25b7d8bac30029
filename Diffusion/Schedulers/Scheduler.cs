using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>
/// Walks latents from noise to picture: at each timestep the UNet predicts, the scheduler steps. Names and behaviour are diffusers'.
/// One instance serves one run at a time: set the timesteps, then take each step once, in order.
/// </summary>
public abstract class Scheduler : IDisposable
{
    const int MaximumTimesteps = 1_000_000;

    protected Scheduler(SchedulerConfig config)
    {
        Refuse(config.InterpolationType != "linear", "interpolation_type", config.InterpolationType);
        Refuse(config.TimestepType != "discrete", "timestep_type", config.TimestepType);
        Refuse(config.FinalSigmasType is not (null or "zero" or "sigma_min"), "final_sigmas_type", config.FinalSigmasType);
        Refuse(config.UseExponentialSigmas, "use_exponential_sigmas", "true");
        Refuse(config.UseBetaSigmas, "use_beta_sigmas", "true");
        Refuse(config.NumTrainTimesteps is < 1 or > MaximumTimesteps, "num_train_timesteps", $"{config.NumTrainTimesteps}");
        Refuse(config.StepsOffset < 0 || config.StepsOffset >= config.NumTrainTimesteps, "steps_offset", $"{config.StepsOffset}");
        Refuse(config.TrainedBetas is { } trained && trained.Count != config.NumTrainTimesteps, "trained_betas", "of another number");
        Refuse(config.BetaStart is not (> 0 and < 1), "beta_start", $"{config.BetaStart}");
        Refuse(config.BetaEnd is not (> 0 and < 1), "beta_end", $"{config.BetaEnd}");
        (Config, Noise) = (config, new NoiseSchedule(config));
    }

    public SchedulerConfig Config { get; }

    protected NoiseSchedule Noise { get; }

    /// <summary>What the UNet is told, in order, falling. Whole numbers but for some Euler spacings.</summary>
    public IReadOnlyList<double> Timesteps { get; protected set; } = [];

    /// <summary>The noise relative to the signal before each step and after the last, of schedulers that reckon in it.</summary>
    public IReadOnlyList<double> Sigmas { get; protected set; } = [];

    /// <summary>What unit-normal noise is multiplied with to become the first latents.</summary>
    public virtual double InitNoiseSigma => 1;

    /// <summary>How often a level of the run is visited: twice by methods of second order.</summary>
    protected virtual int VisitsPerStep => 1;

    /// <summary>The first step that is taken; index into <see cref="Timesteps"/>.</summary>
    protected int FirstStep { get; private set; }

    /// <summary>Prepares a run.</summary>
    /// <param name="steps">At least 1, at most num_train_timesteps.</param>
    public abstract void SetTimesteps(int steps);

    /// <summary>Leaves out the first steps, as a run does that begins with a picture under noise.</summary>
    /// <param name="steps">As the timesteps were set.</param>
    /// <param name="strength">The share of the steps that are taken, 0 … 1.</param>
    /// <returns>The first step; the number of timesteps if none is left.</returns>
    public int Begin(int steps, double strength)
    {
        var left = Math.Min((int)(steps * strength), steps);
        return FirstStep = left == 0 ? Timesteps.Count : (steps - left) * VisitsPerStep;
    }

    /// <summary>A clean picture's latents with noise over them, as latents are before a step.</summary>
    /// <param name="noise">Unit normal.</param>
    public virtual Tensor AddNoise(Tensor original, Tensor noise, int step)
    {
        using var scope = NewDisposeScope();
        var level = Sigmas.Count > 0 ? NoiseLevel.Of(Sigmas[step]) : NoiseLevel.OfSignal(Noise.AlphasCumprod[(int)Timesteps[step]]);
        return (level.Alpha * original + level.Sigma * noise).MoveToOuterDisposeScope();
    }

    /// <summary>The latents as the UNet wants to see them at a step.</summary>
    public virtual Tensor ScaleModelInput(Tensor sample, int step) => sample.alias();

    /// <summary>From the latents at a step to those at the next.</summary>
    /// <param name="modelOutput">The UNet's prediction, [batch, channels, height, width].</param>
    /// <param name="step">Index into <see cref="Timesteps"/>.</param>
    /// <param name="sample">The latents before the step; unscaled.</param>
    /// <param name="noise">What stochastic schedulers need.</param>
    /// <returns>New latents, owned by the caller.</returns>
    public abstract Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null);

    /// <summary>The clean latents according to the prediction, for a preview: which picture the run is heading for.</summary>
    /// <inheritdoc cref="Step"/>
    public virtual Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return Interpret(modelOutput, sample, Noise.AlphasCumprod[(int)Timesteps[step]]).Original.alias().MoveToOuterDisposeScope();
    }

    /// <summary>Clean latents and noise according to the prediction, at a signal share of <paramref name="alphaCumprod"/>.</summary>
    protected (Tensor Original, Tensor Epsilon) Interpret(Tensor modelOutput, Tensor sample, double alphaCumprod)
    {
        var (signal, noise) = (Math.Sqrt(alphaCumprod), Math.Sqrt(1 - alphaCumprod));
        return Config.PredictionType switch
        {
            "epsilon" => ((sample - noise * modelOutput) / signal, modelOutput),
            "v_prediction" => (signal * sample - noise * modelOutput, signal * modelOutput + noise * sample),
            _ => (modelOutput, (sample - signal * modelOutput) / noise),
        };
    }

    /// <summary>Clean latents according to the prediction at a noise level.</summary>
    private protected Tensor OriginalAt(NoiseLevel level, Tensor modelOutput, Tensor sample) =>
        Interpret(modelOutput, sample, level.Alpha * level.Alpha).Original;

    /// <summary>Unit-normal noise of the sample's shape.</summary>
    protected static Tensor Fresh(SeededNoise? noise, Tensor sample) =>
        (noise ?? throw new ArgumentNullException(nameof(noise))).Draw(sample.shape).to(sample);

    /// <summary>Keeps a tensor over the end of the scope.</summary>
    protected static void Hold(ref Tensor? held, Tensor value)
    {
        held?.Dispose();
        held = value.DetachFromDisposeScope();
    }

    protected static void Release(ref Tensor? held)
    {
        held?.Dispose();
        held = null;
    }

    internal static void Refuse(bool unsupported, string key, string? value)
    {
        if (unsupported)
        {
            throw new ModelException($"scheduler: {key} '{value}' is not supported");
        }
    }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>A scheduler by its short name or its class in diffusers.</summary>
    /// <param name="config">
    /// The model's. A short name means the same whatever else the configuration says; a class takes it as it is.
    /// </param>
    /// <exception cref="ModelException">There is none of that name, or the configuration asks for what it cannot do.</exception>
    public static Scheduler Create(string name, SchedulerConfig config)
    {
        config = SchedulerNames.Configure(name, config);
        return SchedulerNames.ClassOf(name) switch
        {
            "DDIMScheduler" => new DdimScheduler(config),
            "DDPMScheduler" => new DdpmScheduler(config),
            "DEISMultistepScheduler" => new DeisMultistepScheduler(config),
            "DPMSolverMultistepScheduler" => new DpmSolverMultistepScheduler(config),
            "DPMSolverSinglestepScheduler" => new DpmSolverSinglestepScheduler(config),
            "EulerAncestralDiscreteScheduler" => new EulerAncestralDiscreteScheduler(config),
            "EulerDiscreteScheduler" => new EulerDiscreteScheduler(config),
            "HeunDiscreteScheduler" => new HeunDiscreteScheduler(config),
            "KDPM2DiscreteScheduler" => new KDPM2DiscreteScheduler(config),
            "LCMScheduler" => new LcmScheduler(config),
            "LMSDiscreteScheduler" => new LMSDiscreteScheduler(config),
            "PNDMScheduler" => new PndmScheduler(config),
            "TCDScheduler" => new TcdScheduler(config),
            "UniPCMultistepScheduler" => new UniPCMultistepScheduler(config),
            _ => throw new ModelException($"scheduler '{name}' is not supported; known are {string.Join(", ", SchedulerNames.Known)}"),
        };
    }
}
