namespace SdAspire.Diffusion;

/// <summary>The schedulers that this engine has: a short name and diffusers' class name each.</summary>
public static class SchedulerNames
{
    static readonly (string Short, string Class)[] All =
    [
        ("ddim", "DDIMScheduler"),
        ("euler", "EulerDiscreteScheduler"),
        ("pndm", "PNDMScheduler"),
    ];

    /// <summary>Short names, then class names.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. All.Select(s => s.Short), .. All.Select(s => s.Class)];

    public static bool IsKnown(string name) => ClassOf(name) is not null;

    /// <summary>diffusers' class for either name; null when unknown.</summary>
    public static string? ClassOf(string name) => All.FirstOrDefault(s => s.Short == name || s.Class == name).Class;
}
