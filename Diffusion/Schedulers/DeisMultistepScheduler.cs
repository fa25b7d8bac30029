using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>
/// Diffusion exponential integrator sampler (Zhang and Chen 2022, arXiv:2204.13902): past predictions of the noise are interpolated
/// over the logarithm of the noise level.
/// </summary>
public sealed class DeisMultistepScheduler : Scheduler
{
    const int FewSteps = 15;

    readonly PredictionHistory _predictions;

    public DeisMultistepScheduler(SchedulerConfig config) : base(config)
    {
        Refuse(config.Thresholding, "thresholding", "true");
        Refuse(config.AlgorithmType is not (null or "deis"), "algorithm_type", config.AlgorithmType);
        Refuse(config.SolverType is not (null or "logrho"), "solver_type", config.SolverType);
        Refuse(config.SolverOrder is < 1 or > 3, "solver_order", $"{config.SolverOrder}");
        Refuse(config.UseFlowSigmas, "use_flow_sigmas", "true");
        _predictions = new(config.SolverOrder);
    }

    public override void SetTimesteps(int steps)
    {
        _predictions.Clear();
        (Timesteps, Sigmas) = SolverSpacing.Of(Config, Noise, steps, Config.TimestepSpacing ?? "linspace", "sigma_min");
    }

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var (from, to) = (NoiseLevel.Of(Sigmas[step]), NoiseLevel.Of(Sigmas[step + 1]));
        _predictions.Add((sample - from.Alpha * OriginalAt(from, modelOutput, sample)) / from.Sigma);

        var order = OrderOf(step);
        var levels = Enumerable.Range(0, order).Select(back => Math.Log(Sigmas[step - back])).ToArray();
        var next = sample / from.Alpha;
        for (var back = 0; back < order; back++)
        {
            next = next + Integral(levels, back, from.Rho, to.Rho) * _predictions[^(back + 1)];
        }
        return (to.Alpha * next).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        return OriginalAt(NoiseLevel.Of(Sigmas[step]), modelOutput, sample).alias().MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        _predictions.Dispose();
        base.Dispose();
    }

    int OrderOf(int step)
    {
        var left = Timesteps.Count - step;
        var most = (Config.LowerOrderFinal ?? true) && Timesteps.Count < FewSteps ? Math.Min(left, Config.SolverOrder) : Config.SolverOrder;
        return Math.Min(most, _predictions.Count);
    }

    // The integral over rho of the Lagrange polynomial in log rho that is 1 at one level and 0 at the others.
    static double Integral(double[] levels, int at, double from, double to)
    {
        var others = levels.Where((_, n) => n != at).ToArray();
        var scale = others.Aggregate(1.0, (product, other) => product * (levels[at] - other));
        return (Antiderivative(to) - Antiderivative(from)) / scale;

        double Antiderivative(double rho)
        {
            var log = Math.Log(rho);
            return others switch
            {
                [] => rho,
                [var a] => rho * (log - 1 - a),
                [var a, var b] => rho * (log * log - 2 * log + 2 - (a + b) * (log - 1) + a * b),
                _ => throw new ArgumentException("at most three levels", nameof(levels)),
            };
        }
    }
}
