using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>Trajectory consistency distillation (Zheng et al. 2024, arXiv:2402.19159): jumps along the trajectory, then adds noise.</summary>
public sealed class TcdScheduler : Scheduler
{
    // How much of each jump is noise again: the paper's gamma.
    const double Eta = 0.3;

    public TcdScheduler(SchedulerConfig config) : base(config) => ConsistencyTimesteps.Verify(config);

    public override void SetTimesteps(int steps) => Timesteps = ConsistencyTimesteps.Of(Config, steps);

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var isLast = step == Timesteps.Count - 1;
        var previous = isLast ? 0 : (int)Timesteps[step + 1];
        var target = Noise.AlphasCumprod[(int)Math.Floor((1 - Eta) * previous)];

        var (original, epsilon) = Interpret(modelOutput, sample, Noise.AlphasCumprod[(int)Timesteps[step]]);
        var next = Math.Sqrt(target) * original + Math.Sqrt(1 - target) * epsilon;
        if (!isLast)
        {
            var share = Noise.AlphasCumprod[previous] / target;
            next = Math.Sqrt(share) * next + Math.Sqrt(1 - share) * Fresh(noise, sample);
        }
        return next.MoveToOuterDisposeScope();
    }
}
