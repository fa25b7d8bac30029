using SdAspire.Diffusion;
using SdAspire.Generation;

namespace SdAspire.Worker.Jobs;

static class TaskRequests
{
    /// <summary>What the engine is asked for.</summary>
    /// <param name="n">Which picture of the task, from 0.</param>
    public static TextToImageRequest Request(this GenerationTask task, int n) => new()
    {
        Prompt = task.Prompt,
        NegativePrompt = task.NegativePrompt,
        Steps = task.Steps,
        GuidanceScale = task.GuidanceScale,
        Seed = task.Seed + n,
        Width = task.Width,
        Height = task.Height,
        Scheduler = task.Scheduler,
    };
}
