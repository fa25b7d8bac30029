namespace SdAspire.Diffusion.Tests;

/// <summary>Hands each report on at once, on the thread that reports.</summary>
sealed class Reports(Action<StepProgress> report) : IProgress<StepProgress>
{
    public void Report(StepProgress value) => report(value);
}
