using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>
/// DPM-Solver++ of first to third order, from past predictions (Lu et al. 2022, arXiv:2211.01095), as an ODE or, with fresh noise, as
/// an SDE.
/// </summary>
public sealed class DpmSolverMultistepScheduler : Scheduler
{
    // With fewer steps than this the last ones are of lower order, which is more stable.
    const int FewSteps = 15;

    readonly PredictionHistory _originals;
    readonly bool _isStochastic;

    public DpmSolverMultistepScheduler(SchedulerConfig config) : base(config)
    {
        DpmSolver.Verify(config, 3);
        _originals = new(config.SolverOrder);
        _isStochastic = config.AlgorithmType == DpmSolver.Stochastic;
    }

    string FinalSigmasType => Config.FinalSigmasType ?? "zero";

    public override void SetTimesteps(int steps)
    {
        _originals.Clear();
        (Timesteps, Sigmas) = SolverSpacing.Of(Config, Noise, steps, Config.TimestepSpacing ?? "linspace", FinalSigmasType);
    }

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        _originals.Add(OriginalAt(NoiseLevel.Of(Sigmas[step]), modelOutput, sample));
        var fresh = _isStochastic ? Fresh(noise, sample) : null;
        var levels = Enumerable.Range(0, _originals.Count).Select(back => NoiseLevel.Of(Sigmas[step - back])).ToArray();
        return DpmSolver.Step(
            Config, NoiseLevel.Of(Sigmas[step + 1]), levels, _originals, OrderOf(step), sample, fresh).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return OriginalAt(NoiseLevel.Of(Sigmas[step]), modelOutput, sample).alias().MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        _originals.Dispose();
        base.Dispose();
    }

    int OrderOf(int step)
    {
        var left = Timesteps.Count - step;
        var lower = (Config.LowerOrderFinal ?? true) && Timesteps.Count < FewSteps;
        var most = left == 1 && (Config.EulerAtFinal || lower || FinalSigmasType == "zero") ? 1
            : left == 2 && lower ? 2
            : Config.SolverOrder;
        return Math.Min(most, _originals.Count);
    }
}
