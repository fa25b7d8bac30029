using SdAspire.Generation;

namespace SdAspire.Generation.Tests;

internal static class Samples
{
    public static ModelProfile Model { get; } = new("small", 8, 64, 64, 20, 3.0, "ddim", ["red heart"]);

    public static GenerationTask Task(Func<GenerationTask, GenerationTask>? change = null)
    {
        var task = new GenerationTask
        {
            Id = TaskId.New(TimeProvider.System),
            CreatedAt = new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.FromHours(2)),
            Client = "tests",
            Model = Model.Name,
            Prompt = "red heart",
            Seed = 42,
            Steps = 20,
            GuidanceScale = 7.5,
            Scheduler = "ddim",
            Width = 64,
            Height = 64,
        };
        return change is null ? task : change(task);
    }
}
