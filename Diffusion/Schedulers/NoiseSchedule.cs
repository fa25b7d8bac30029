using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Schedulers;

/// <summary>How much of the signal is left at each training timestep (Ho et al. 2020, arXiv:2006.11239).</summary>
/// <remarks>Computed in float32, as the reference: near the clean end 1 − alpha is too small for a more exact result to be equal.</remarks>
public sealed class NoiseSchedule
{
    /// <exception cref="ModelException">The configuration names an unknown beta schedule or prediction type.</exception>
    public NoiseSchedule(SchedulerConfig config)
    {
        if (config.PredictionType is not ("epsilon" or "v_prediction" or "sample"))
        {
            throw new ModelException($"scheduler: prediction_type '{config.PredictionType}' is not supported");
        }
        using var scope = NewDisposeScope();
        var betas = Betas(config);
        var cumprod = (1 - (config.RescaleBetasZeroSnr ? RescaleToZeroTerminalSnr(betas) : betas)).cumprod(0);
        AlphasCumprod = [.. cumprod.data<float>().Select(alpha => (double)alpha)];
        Sigmas = [.. ((1 - cumprod) / cumprod).sqrt().data<float>().Select(sigma => (double)sigma)];
        FiniteSigmas = [.. Sigmas.Select(sigma => double.IsInfinity(sigma) ? AlmostAllNoise : sigma)];
    }

    /// <summary>The product of 1 − beta up to each timestep: the signal's share of the variance, falling from 1 towards 0.</summary>
    public IReadOnlyList<double> AlphasCumprod { get; }

    /// <summary>The noise's deviation relative to the signal at each timestep, rising.</summary>
    public IReadOnlyList<double> Sigmas { get; }

    /// <summary>The same where there is no signal at all: instead of infinite, very much.</summary>
    public IReadOnlyList<double> FiniteSigmas { get; }

    // Of a signal's share of 2^-24 of the variance, as in the reference.
    static double AlmostAllNoise => Math.Sqrt((1 - Math.Pow(2, -24)) / Math.Pow(2, -24));

    static Tensor Betas(SchedulerConfig config)
    {
        var n = config.NumTrainTimesteps;
        return config switch
        {
            { TrainedBetas: { } trained } => tensor(trained.ToArray()).to(ScalarType.Float32),
            { BetaSchedule: "linear" } => linspace(config.BetaStart, config.BetaEnd, n, ScalarType.Float32),
            { BetaSchedule: "scaled_linear" } => linspace(Math.Sqrt(config.BetaStart), Math.Sqrt(config.BetaEnd), n, ScalarType.Float32).square(),
            { BetaSchedule: "squaredcos_cap_v2" } => tensor(Enumerable.Range(0, n)
                .Select(i => (float)Math.Min(1 - CosineAlphaBar((i + 1.0) / n) / CosineAlphaBar((double)i / n), 0.999)).ToArray()),
            _ => throw new ModelException($"scheduler: beta_schedule '{config.BetaSchedule}' is not supported"),
        };
    }

    // Nichol and Dhariwal 2021, arXiv:2102.09672, equation 17.
    static double CosineAlphaBar(double t) => Math.Pow(Math.Cos((t + 0.008) / 1.008 * Math.PI / 2), 2);

    // Lin et al. 2023, arXiv:2305.08891, algorithm 1.
    static Tensor RescaleToZeroTerminalSnr(Tensor betas)
    {
        var roots = (1 - betas).cumprod(0).sqrt();
        var (first, last) = (roots[0], roots[-1]);
        var cumprod = ((roots - last) * first / (first - last)).square();
        return 1 - cat([cumprod[..1], cumprod[1..] / cumprod[..^1]]);
    }
}

/// <summary>The timesteps of a run, chosen among the training timesteps (Lin et al. 2023, arXiv:2305.08891, table 2).</summary>
static class Spacing
{
    /// <returns>Falling; whole numbers unless <paramref name="fractional"/> allows linspace to lie between.</returns>
    /// <exception cref="ModelException">There are not so many.</exception>
    public static double[] Timesteps(string spacing, int trainTimesteps, int steps, int offset, bool fractional = false)
    {
        var ratio = (double)trainTimesteps / steps;
        double[] timesteps = spacing switch
        {
            "linspace" => [.. (steps == 1 ? [0.0] : Linspace(0, trainTimesteps - 1, steps)).Reverse()
                .Select(t => fractional ? t : Math.Round(t))],
            "leading" => [.. Enumerable.Range(0, steps).Reverse().Select(i => (double)(i * (trainTimesteps / steps) + offset))],
            "trailing" => [.. Enumerable.Range(0, steps).Select(i => Math.Round(trainTimesteps - i * ratio) - 1)],
            _ => throw new ModelException($"scheduler: timestep_spacing '{spacing}' is not supported"),
        };
        return Falling(timesteps, trainTimesteps);
    }

    /// <summary>The same, if they are training timesteps and each is below the one before.</summary>
    /// <exception cref="ModelException">There are not so many.</exception>
    public static double[] Falling(double[] timesteps, int trainTimesteps) =>
        timesteps[0] < trainTimesteps && timesteps.Zip(timesteps.Skip(1)).All(pair => pair.First > pair.Second)
            ? timesteps
            : throw new ModelException($"scheduler: {timesteps.Length} steps are too many for {trainTimesteps} training timesteps so spaced");

    public static double[] Linspace(double start, double end, int count) =>
        [.. Enumerable.Range(0, count).Select(i => count == 1 ? start : start + (end - start) * i / (count - 1))];
}
