using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>Heun's method on the probability-flow ODE (Karras et al. 2022, arXiv:2206.00364, algorithm 1): each step but the last asks the UNet twice.</summary>
public sealed class HeunDiscreteScheduler(SchedulerConfig config) : Scheduler(config)
{
    NoisyScale? _scale;
    Tensor? _sample;
    Tensor? _derivative;

    NoisyScale Scale => _scale ?? throw new InvalidOperationException("The timesteps are not set.");

    public override double InitNoiseSigma => Scale.InitNoiseSigma;

    protected override int VisitsPerStep => 2;

    public override void SetTimesteps(int steps)
    {
        _scale = new NoisyScale(Config, Noise, steps);
        Forget();
        // Each inner level is visited twice: as the end of one step, and as the beginning of the next.
        Timesteps = [_scale.Timesteps[0], .. _scale.Timesteps[1..].SelectMany(timestep => new[] { timestep, timestep })];
        Sigmas = [_scale.Sigmas[0], .. _scale.Sigmas[1..^1].SelectMany(sigma => new[] { sigma, sigma }), _scale.Sigmas[^1]];
    }

    public override Tensor ScaleModelInput(Tensor sample, int step) => NoisyScale.ToUNet(sample, Sigmas[step]);

    public override Tensor AddNoise(Tensor original, Tensor noise, int step) => NoisyScale.AddNoise(original, noise, Sigmas[step]);

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var original = Original(modelOutput, step, sample);
        var derivative = (sample - original) / Sigmas[step];
        if (step % 2 == 0)
        {
            Hold(ref _sample, sample.alias());
            Hold(ref _derivative, derivative.alias());
            return (sample + (Sigmas[step + 1] - Sigmas[step]) * derivative).MoveToOuterDisposeScope();
        }
        var mean = (_derivative! + derivative) / 2;
        return (_sample! + (Sigmas[step] - Sigmas[step - 1]) * mean).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return Original(modelOutput, step, sample).MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        Forget();
        base.Dispose();
    }

    Tensor Original(Tensor modelOutput, int step, Tensor sample)
    {
        var original = Scale.Original(modelOutput, sample, Sigmas[step]);
        return Config.ClipSample ?? false ? original.clamp(-Config.ClipSampleRange, Config.ClipSampleRange) : original;
    }

    void Forget()
    {
        Release(ref _sample);
        Release(ref _derivative);
    }
}
