namespace SdAspire.Diffusion.Schedulers;

/// <summary>The noise levels of a run, chosen among those of the training timesteps.</summary>
static class SigmaSpacing
{
    /// <summary>The level at a timestep between two training timesteps.</summary>
    public static double At(IReadOnlyList<double> trainSigmas, double timestep)
    {
        var low = Math.Clamp((int)timestep, 0, trainSigmas.Count - 1);
        var high = Math.Min(low + 1, trainSigmas.Count - 1);
        return trainSigmas[low] + (timestep - low) * (trainSigmas[high] - trainSigmas[low]);
    }

    /// <summary>Levels that are close where the picture's details are made (Karras et al. 2022, arXiv:2206.00364, equation 5).</summary>
    public static double[] Karras(double largest, double smallest, int steps)
    {
        const double Rho = 7;
        var (from, to) = (Math.Pow(largest, 1 / Rho), Math.Pow(smallest, 1 / Rho));
        return [.. Spacing.Linspace(0, 1, steps).Select(along => Math.Pow(from + along * (to - from), Rho))];
    }

    /// <summary>The timestep, between two training timesteps, whose level this is.</summary>
    public static double TimestepOf(double sigma, IReadOnlyList<double> trainSigmas)
    {
        var low = 0;
        while (low < trainSigmas.Count - 2 && trainSigmas[low + 1] <= sigma)
        {
            low++;
        }
        var (from, to) = (Math.Log(trainSigmas[low]), Math.Log(trainSigmas[low + 1]));
        return low + Math.Clamp((from - Math.Log(Math.Max(sigma, 1e-10))) / (from - to), 0, 1);
    }
}
