using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>
/// Walks latents from noise to picture: at each timestep the UNet predicts, the scheduler steps. Names and behaviour are diffusers'.
/// One instance serves one run at a time: set the timesteps, then take each step once, in order.
/// </summary>
public abstract class Scheduler(SchedulerConfig config) : IDisposable
{
    public SchedulerConfig Config { get; } = config;

    protected NoiseSchedule Noise { get; } = new(config);

    /// <summary>What the UNet is told, in order, falling. Whole numbers but for some Euler spacings.</summary>
    public IReadOnlyList<double> Timesteps { get; protected set; } = [];

    /// <summary>What unit-normal noise is multiplied with to become the first latents.</summary>
    public virtual double InitNoiseSigma => 1;

    /// <summary>Prepares a run.</summary>
    /// <param name="steps">At least 1, at most num_train_timesteps.</param>
    public abstract void SetTimesteps(int steps);

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

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>A scheduler by its short name or its class in diffusers.</summary>
    /// <exception cref="ModelException">There is none of that name, or the configuration asks for what it cannot do.</exception>
    public static Scheduler Create(string name, SchedulerConfig config) => SchedulerNames.ClassOf(name) switch
    {
        "DDIMScheduler" => new DdimScheduler(config),
        "EulerDiscreteScheduler" => new EulerDiscreteScheduler(config),
        "PNDMScheduler" => new PndmScheduler(config),
        _ => throw new ModelException($"scheduler '{name}' is not supported; known are {string.Join(", ", SchedulerNames.Known)}"),
    };
}
