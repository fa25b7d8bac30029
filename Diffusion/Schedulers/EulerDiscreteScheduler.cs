using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>Euler's method on the probability-flow ODE (Karras et al. 2022, arXiv:2206.00364, algorithm 2 without churn).</summary>
public sealed class EulerDiscreteScheduler(SchedulerConfig config) : Scheduler(config)
{
    NoisyScale? _scale;

    NoisyScale Scale => _scale ?? throw new InvalidOperationException("The timesteps are not set.");

    public override double InitNoiseSigma => Scale.InitNoiseSigma;

    public override void SetTimesteps(int steps)
    {
        _scale = new NoisyScale(Config, Noise, steps);
        (Timesteps, Sigmas) = (_scale.Timesteps, _scale.Sigmas);
    }

    public override Tensor ScaleModelInput(Tensor sample, int step) => NoisyScale.ToUNet(sample, Sigmas[step]);

    public override Tensor AddNoise(Tensor original, Tensor noise, int step) => NoisyScale.AddNoise(original, noise, Sigmas[step]);

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var (sigma, next) = (Sigmas[step], Sigmas[step + 1]);
        var derivative = (sample - Scale.Original(modelOutput, sample, sigma)) / sigma;
        return (sample + (next - sigma) * derivative).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return Scale.Original(modelOutput, sample, Sigmas[step]).MoveToOuterDisposeScope();
    }
}
