using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>Denoising diffusion implicit models (Song et al. 2020, arXiv:2010.02502).</summary>
public sealed class DdimScheduler : Scheduler
{
    readonly double _finalAlphaCumprod;
    int _stride;

    public DdimScheduler(SchedulerConfig config) : base(config)
    {
        Refuse(config.Thresholding, "thresholding", "true");
        _finalAlphaCumprod = config.SetAlphaToOne ?? true ? 1 : Noise.AlphasCumprod[0];
    }

    /// <summary>0 is deterministic DDIM, 1 draws as much noise as DDPM (equation 16).</summary>
    public double Eta { get; init; }

    public override void SetTimesteps(int steps)
    {
        _stride = Config.NumTrainTimesteps / steps;
        Timesteps = Spacing.Timesteps(Config.TimestepSpacing ?? "leading", Config.NumTrainTimesteps, steps, Config.StepsOffset);
    }

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var timestep = (int)Timesteps[step];
        var previous = timestep - _stride;
        var alpha = Noise.AlphasCumprod[timestep];
        var alphaPrevious = previous >= 0 ? Noise.AlphasCumprod[previous] : _finalAlphaCumprod;

        var (original, epsilon) = Interpret(modelOutput, sample, alpha);
        if (Config.ClipSample ?? true)
        {
            original = original.clamp(-Config.ClipSampleRange, Config.ClipSampleRange);
        }
        var variance = (1 - alphaPrevious) / (1 - alpha) * (1 - alpha / alphaPrevious);
        var deviation = Eta * Math.Sqrt(variance);
        var next = Math.Sqrt(alphaPrevious) * original + Math.Sqrt(1 - alphaPrevious - deviation * deviation) * epsilon;
        if (Eta > 0)
        {
            next = next + deviation * Fresh(noise, sample);
        }
        return next.MoveToOuterDisposeScope();
    }
}
