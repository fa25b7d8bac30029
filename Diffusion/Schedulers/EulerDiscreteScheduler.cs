using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>Euler's method on the probability-flow ODE (Karras et al. 2022, arXiv:2206.00364, algorithm 2 without churn).</summary>
public sealed class EulerDiscreteScheduler : Scheduler
{
    readonly double[] _trainSigmas;
    double[] _sigmas = [];

    public EulerDiscreteScheduler(SchedulerConfig config) : base(config)
    {
        Require(config.InterpolationType == "linear", "interpolation_type", config.InterpolationType);
        Require(config.TimestepType == "discrete", "timestep_type", config.TimestepType);
        Require(config.FinalSigmasType is "zero" or "sigma_min", "final_sigmas_type", config.FinalSigmasType);
        Require(!config.UseKarrasSigmas, "use_karras_sigmas", "true");
        Require(!config.UseExponentialSigmas, "use_exponential_sigmas", "true");
        Require(!config.UseBetaSigmas, "use_beta_sigmas", "true");
        _trainSigmas = [.. Noise.Sigmas];
        if (config.RescaleBetasZeroSnr)
        {
            // At no signal at all sigma is infinite; the reference takes this share instead.
            var least = Math.Pow(2, -24);
            _trainSigmas[^1] = Math.Sqrt((1 - least) / least);
        }

        static void Require(bool supported, string key, string value)
        {
            if (!supported)
            {
                throw new ModelException($"scheduler: {key} '{value}' is not supported");
            }
        }
    }

    /// <summary>The noise's deviation before each step and after the last: steps + 1 values.</summary>
    public IReadOnlyList<double> Sigmas => _sigmas;

    string TimestepSpacing => Config.TimestepSpacing ?? "linspace";

    public override double InitNoiseSigma => TimestepSpacing == "leading" ? Math.Sqrt(_sigmas[0] * _sigmas[0] + 1) : _sigmas[0];

    public override void SetTimesteps(int steps)
    {
        Timesteps = Spacing.Timesteps(TimestepSpacing, Config.NumTrainTimesteps, steps, Config.StepsOffset, fractional: true);
        _sigmas = [.. Timesteps.Select(SigmaAt), Config.FinalSigmasType == "zero" ? 0 : _trainSigmas[0]];
    }

    public override Tensor ScaleModelInput(Tensor sample, int step) => sample / Math.Sqrt(_sigmas[step] * _sigmas[step] + 1);

    public override Tensor Step(Tensor modelOutput, int step, Tensor sample, SeededNoise? noise = null)
    {
        using var scope = NewDisposeScope();
        var (sigma, next) = (_sigmas[step], _sigmas[step + 1]);
        var original = PredictOriginal(modelOutput, step, sample);
        var derivative = (sample - original) / sigma;
        return (sample + (next - sigma) * derivative).MoveToOuterDisposeScope();
    }

    public override Tensor PredictOriginal(Tensor modelOutput, int step, Tensor sample)
    {
        using var scope = NewDisposeScope();
        var sigma = _sigmas[step];
        var original = Config.PredictionType switch
        {
            "epsilon" => sample - sigma * modelOutput,
            "v_prediction" => sample / (sigma * sigma + 1) - sigma / Math.Sqrt(sigma * sigma + 1) * modelOutput,
            _ => modelOutput.alias(),
        };
        return original.MoveToOuterDisposeScope();
    }

    double SigmaAt(double timestep)
    {
        var low = Math.Clamp((int)timestep, 0, _trainSigmas.Length - 1);
        var high = Math.Min(low + 1, _trainSigmas.Length - 1);
        return _trainSigmas[low] + (timestep - low) * (_trainSigmas[high] - _trainSigmas[low]);
    }
}
