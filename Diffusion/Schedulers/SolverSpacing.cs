namespace SdAspire.Diffusion.Schedulers;

/// <summary>Timesteps and noise levels of DPM-Solver and its kin: their end is a point of the spacing, and is not asked at.</summary>
static class SolverSpacing
{
    /// <param name="final">The level after the last step: zero or sigma_min.</param>
    /// <returns>A timestep for each step, and a noise level before each and after the last.</returns>
    public static (double[] Timesteps, double[] Sigmas) Of(
        SchedulerConfig config, NoiseSchedule noise, int steps, string spacing, string final)
    {
        var train = noise.FiniteSigmas;
        // From the noisy end, what lies below the clip is left out.
        var last = config.NumTrainTimesteps - train.Count(sigma => -Math.Log(sigma) < config.LambdaMinClipped);
        double[] timesteps = spacing switch
        {
            "linspace" => [.. Spacing.Linspace(0, last - 1, steps + 1).Reverse().Take(steps).Select(t => Math.Round(t))],
            "leading" => [.. Enumerable.Range(1, steps).Reverse().Select(n => (double)(n * (last / (steps + 1)) + config.StepsOffset))],
            "trailing" => [.. Enumerable.Range(0, steps)
                .Select(n => Math.Round(last - n * ((double)config.NumTrainTimesteps / steps)) - 1)],
            _ => throw new ModelException($"scheduler: timestep_spacing '{spacing}' is not supported"),
        };
        timesteps = Spacing.Falling(timesteps, config.NumTrainTimesteps);
        var sigmas = timesteps.Select(timestep => SigmaSpacing.At(train, timestep)).ToArray();
        if (config.UseKarrasSigmas)
        {
            sigmas = SigmaSpacing.Karras(config.SigmaMax ?? train[^1], config.SigmaMin ?? train[0], steps);
            timesteps = [.. sigmas.Select(sigma => Math.Round(SigmaSpacing.TimestepOf(sigma, train)))];
        }
        return (timesteps, [.. sigmas, final == "zero" ? 0 : train[0]]);
    }
}
