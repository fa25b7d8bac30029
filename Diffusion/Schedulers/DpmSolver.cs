using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>One step of DPM-Solver++ (Lu et al. 2022, arXiv:2211.01095) from predictions of the clean latents.</summary>
static class DpmSolver
{
    public const string Deterministic = "dpmsolver++";
    public const string Stochastic = "sde-dpmsolver++";

    public static void Verify(SchedulerConfig config, int maxOrder)
    {
        Scheduler.Refuse(config.Thresholding, "thresholding", "true");
        Scheduler.Refuse(config.AlgorithmType is not (null or Deterministic or Stochastic), "algorithm_type", config.AlgorithmType);
        Scheduler.Refuse(config.SolverType is not (null or "midpoint" or "heun"), "solver_type", config.SolverType);
        Scheduler.Refuse(config.SolverOrder < 1 || config.SolverOrder > maxOrder, "solver_order", $"{config.SolverOrder}");
        Scheduler.Refuse(config.UseLuLambdas, "use_lu_lambdas", "true");
        Scheduler.Refuse(config.UseFlowSigmas, "use_flow_sigmas", "true");
    }

    /// <param name="to">The noise level after the step.</param>
    /// <param name="levels">Those of the predictions, the newest first.</param>
    /// <param name="originals">The predictions, the newest last.</param>
    /// <param name="order">1 to 3, at most as many as there are predictions.</param>
    /// <param name="sample">The latents before the step.</param>
    /// <param name="noise">Fresh noise, for the SDE.</param>
    public static Tensor Step(
        SchedulerConfig config, NoiseLevel to, NoiseLevel[] levels, PredictionHistory originals, int order, Tensor sample, Tensor? noise)
    {
        var h = to.Lambda - levels[0].Lambda;
        // An SDE's step is an ODE's of double length, made shorter by noise.
        var length = noise is null ? h : 2 * h;
        var decay = Math.Exp(-length);
        var next = to.Sigma / levels[0].Sigma * (noise is null ? 1 : Math.Exp(-h)) * sample + to.Alpha * (1 - decay) * originals[^1];
        if (order >= 2)
        {
            var r0 = (levels[0].Lambda - levels[1].Lambda) / h;
            var first = (originals[^1] - originals[^2]) / r0;
            if (order == 2)
            {
                next = next + to.Alpha * (config.SolverType == "heun" ? 1 - (1 - decay) / length : (1 - decay) / 2) * first;
            }
            else
            {
                var r1 = (levels[1].Lambda - levels[2].Lambda) / h;
                var earlier = (originals[^2] - originals[^3]) / r1;
                var slope = first + r0 / (r0 + r1) * (first - earlier);
                var curvature = (first - earlier) / (r0 + r1);
                // The SDE's sign of the half is the reference's.
                var bend = (1 - decay - length) / (length * length) + (noise is null ? 0.5 : -0.5);
                next = next + to.Alpha * (1 - (1 - decay) / length) * slope + to.Alpha * bend * curvature;
            }
        }
        return noise is null ? next : next + to.Sigma * Math.Sqrt(1 - decay) * noise;
    }
}
