using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>
/// The noise levels of a run whose latents are signal + sigma × noise, as those who follow the probability-flow ODE of Karras et al.
/// (2022, arXiv:2206.00364) have it: such latents grow with the noise, and are scaled down for the UNet.
/// </summary>
sealed class NoisyScale
{
    readonly SchedulerConfig _config;

    public NoisyScale(SchedulerConfig config, NoiseSchedule noise, int steps)
    {
        _config = config;
        var train = noise.FiniteSigmas;
        Timesteps = Spacing.Timesteps(TimestepSpacing, config.NumTrainTimesteps, steps, config.StepsOffset, fractional: true);
        var sigmas = Timesteps.Select(timestep => SigmaSpacing.At(train, timestep)).ToArray();
        if (config.UseKarrasSigmas)
        {
            sigmas = SigmaSpacing.Karras(config.SigmaMax ?? sigmas[0], config.SigmaMin ?? sigmas[^1], steps);
            Timesteps = [.. sigmas.Select(sigma => SigmaSpacing.TimestepOf(sigma, train))];
        }
        Sigmas = [.. sigmas, config.FinalSigmasType == "sigma_min" ? train[0] : 0];
    }

    public double[] Timesteps { get; }

    /// <summary>Before each step and after the last.</summary>
    public double[] Sigmas { get; }

    public double InitNoiseSigma => TimestepSpacing == "leading" ? Math.Sqrt(Sigmas[0] * Sigmas[0] + 1) : Sigmas[0];

    string TimestepSpacing => _config.TimestepSpacing ?? "linspace";

    public static Tensor AddNoise(Tensor original, Tensor noise, double sigma)
    {
        using var scope = NewDisposeScope();
        return (original + sigma * noise).MoveToOuterDisposeScope();
    }

    public static Tensor ToUNet(Tensor sample, double sigma) => sample / Math.Sqrt(sigma * sigma + 1);

    /// <summary>The clean latents according to the prediction; the caller's scope owns them.</summary>
    public Tensor Original(Tensor modelOutput, Tensor sample, double sigma) => _config.PredictionType switch
    {
        "epsilon" => sample - sigma * modelOutput,
        "v_prediction" => sample / (sigma * sigma + 1) - sigma / Math.Sqrt(sigma * sigma + 1) * modelOutput,
        _ => modelOutput.alias(),
    };
}
