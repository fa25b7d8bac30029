using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>DPM-Solver++ in pairs of steps (Lu et al. 2022, arXiv:2211.01095): the second starts again where the first did.</summary>
public sealed class DpmSolverSinglestepScheduler : Scheduler
{
    readonly PredictionHistory _originals = new(2);
    Tensor? _sample;

    public DpmSolverSinglestepScheduler(SchedulerConfig config) : base(config)
    {
        DpmSolver.Verify(config, 2);
        Refuse(config.AlgorithmType == DpmSolver.Stochastic, "algorithm_type", config.AlgorithmType);
    }

    string FinalSigmasType => Config.FinalSigmasType ?? "zero";

    public override void SetTimesteps(int steps)
    {
        Forget();
        (Timesteps, Sigmas) = SolverSpacing.Of(Config, Noise, steps, "linspace", FinalSigmasType);
    }

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        _originals.Add(OriginalAt(NoiseLevel.Of(Sigmas[step]), modelOutput, sample));
        var to = NoiseLevel.Of(Sigmas[step + 1]);
        if (OrderOf(step) == 1)
        {
            Hold(ref _sample, sample.alias());
            return DpmSolver.Step(Config, to, [NoiseLevel.Of(Sigmas[step])], _originals, 1, sample, null).MoveToOuterDisposeScope();
        }
        // From the pair's first level: its own prediction leads, and the second one's tells the slope.
        var (from, middle) = (NoiseLevel.Of(Sigmas[step - 1]), NoiseLevel.Of(Sigmas[step]));
        var h = to.Lambda - from.Lambda;
        var decay = Math.Exp(-h);
        var slope = (_originals[^1] - _originals[^2]) * (h / (middle.Lambda - from.Lambda));
        var next = to.Sigma / from.Sigma * _sample! + to.Alpha * (1 - decay) * _originals[^2]
            + to.Alpha * (Config.SolverType == "heun" ? 1 - (1 - decay) / h : (1 - decay) / 2) * slope;
        return next.MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return OriginalAt(NoiseLevel.Of(Sigmas[step]), modelOutput, sample).alias().MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        Forget();
        base.Dispose();
    }

    // An odd number of steps needs a single one at the end; so does an end without noise.
    int OrderOf(int step)
    {
        var isLast = step == Timesteps.Count - 1;
        return Config.SolverOrder == 1 || step % 2 == 0 || step == FirstStep
            || (isLast && ((Config.LowerOrderFinal ?? false) || FinalSigmasType == "zero")) ? 1 : 2;
    }

    void Forget()
    {
        _originals.Clear();
        Release(ref _sample);
    }
}
