namespace SdAspire.Diffusion.Schedulers;

/// <summary>The timesteps of models that were distilled to few steps: some of those that they were distilled at.</summary>
static class ConsistencyTimesteps
{
    /// <exception cref="ModelException">The configuration asks for what the class cannot do.</exception>
    public static void Verify(SchedulerConfig config)
    {
        Scheduler.Refuse(config.Thresholding, "thresholding", "true");
        Scheduler.Refuse(
            config.OriginalInferenceSteps < 1 || config.OriginalInferenceSteps > config.NumTrainTimesteps,
            "original_inference_steps", $"{config.OriginalInferenceSteps}");
    }

    /// <exception cref="ModelException">There are more steps than timesteps.</exception>
    public static double[] Of(SchedulerConfig config, int steps)
    {
        var distilled = config.OriginalInferenceSteps;
        if (steps > distilled)
        {
            throw new ModelException($"scheduler: {steps} steps are more than its {distilled} (original_inference_steps)");
        }
        var stride = config.NumTrainTimesteps / distilled;
        return [.. Enumerable.Range(0, steps).Select(n => (double)((distilled - n * distilled / steps) * stride - 1))];
    }
}
