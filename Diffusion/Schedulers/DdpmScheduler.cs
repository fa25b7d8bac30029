using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>Denoising diffusion probabilistic models (Ho et al. 2020, arXiv:2006.11239): fresh noise after each step.</summary>
public sealed class DdpmScheduler : Scheduler
{
    readonly bool _largeVariance;

    public DdpmScheduler(SchedulerConfig config) : base(config)
    {
        Refuse(config.Thresholding, "thresholding", "true");
        Refuse(config.VarianceType is not (null or "fixed_small" or "fixed_large"), "variance_type", config.VarianceType);
        _largeVariance = config.VarianceType == "fixed_large";
    }

    public override void SetTimesteps(int steps) => Timesteps =
        Spacing.Timesteps(Config.TimestepSpacing ?? "leading", Config.NumTrainTimesteps, steps, Config.StepsOffset);

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var timestep = (int)Timesteps[step];
        var previous = step + 1 < Timesteps.Count ? (int)Timesteps[step + 1] : -1;
        var alpha = Noise.AlphasCumprod[timestep];
        var alphaPrevious = previous >= 0 ? Noise.AlphasCumprod[previous] : 1;
        var beta = 1 - alpha / alphaPrevious;

        // Equations 7 and 15.
        var next = Math.Sqrt(alphaPrevious) * beta / (1 - alpha) * Original(modelOutput, step, sample)
            + Math.Sqrt(1 - beta) * (1 - alphaPrevious) / (1 - alpha) * sample;
        if (timestep > 0)
        {
            var variance = _largeVariance ? beta : Math.Max((1 - alphaPrevious) / (1 - alpha) * beta, 1e-20);
            next = next + Math.Sqrt(variance) * Fresh(noise, sample);
        }
        return next.MoveToOuterDisposeScope();
    }

    Tensor Original(Tensor modelOutput, int step, Tensor sample)
    {
        var original = Interpret(modelOutput, sample, Noise.AlphasCumprod[(int)Timesteps[step]]).Original;
        return Config.ClipSample ?? true ? original.clamp(-Config.ClipSampleRange, Config.ClipSampleRange) : original;
    }
}
