using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>Euler steps that go below the next noise level and add fresh noise up to it (k-diffusion's ancestral sampling).</summary>
public sealed class EulerAncestralDiscreteScheduler(SchedulerConfig config) : Scheduler(config)
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
        var up = Math.Sqrt(next * next * (sigma * sigma - next * next) / (sigma * sigma));
        var down = Math.Sqrt(next * next - up * up);
        var derivative = (sample - Scale.Original(modelOutput, sample, sigma)) / sigma;
        return (sample + (down - sigma) * derivative + up * Fresh(noise, sample)).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return Scale.Original(modelOutput, sample, Sigmas[step]).MoveToOuterDisposeScope();
    }
}
