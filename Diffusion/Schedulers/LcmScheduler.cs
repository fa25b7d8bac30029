using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>Latent consistency models (Luo et al. 2023, arXiv:2310.04378): each step jumps to the picture, and back by fresh noise.</summary>
public sealed class LcmScheduler : Scheduler
{
    // The standard deviation of the data, as the paper has it.
    const double SigmaData = 0.5;

    public LcmScheduler(SchedulerConfig config) : base(config) => ConsistencyTimesteps.Verify(config);

    public override void SetTimesteps(int steps) => Timesteps = ConsistencyTimesteps.Of(Config, steps);

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var denoised = Denoised(modelOutput, step, sample);
        if (step == Timesteps.Count - 1)
        {
            return denoised.MoveToOuterDisposeScope();
        }
        var alpha = Noise.AlphasCumprod[(int)Timesteps[step + 1]];
        return (Math.Sqrt(alpha) * denoised + Math.Sqrt(1 - alpha) * Fresh(noise, sample)).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return Denoised(modelOutput, step, sample).MoveToOuterDisposeScope();
    }

    // Equation 9: the prediction at the end of the trajectory is the sample itself.
    Tensor Denoised(Tensor modelOutput, int step, Tensor sample)
    {
        var timestep = Timesteps[step];
        var original = Interpret(modelOutput, sample, Noise.AlphasCumprod[(int)timestep]).Original;
        if (Config.ClipSample ?? false)
        {
            original = original.clamp(-Config.ClipSampleRange, Config.ClipSampleRange);
        }
        var scaled = timestep * Config.TimestepScaling;
        var square = scaled * scaled + SigmaData * SigmaData;
        return scaled / Math.Sqrt(square) * original + SigmaData * SigmaData / square * sample;
    }
}
