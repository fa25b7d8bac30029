using System.Diagnostics.CodeAnalysis;

namespace SdAspire.Generation;

/// <summary>The schedulers that a task may name: by short name, or by diffusers' class name.</summary>
public static class Schedulers
{
    public const string Default = "ddim";

    // Generation does not know the engine; a test of the worker holds this list against the engine's own.
    private static readonly (string ShortName, string ClassName)[] All =
    [
        ("ddim", "DDIMScheduler"),
        ("euler", "EulerDiscreteScheduler"),
        ("pndm", "PNDMScheduler"),
        ("ddpm", "DDPMScheduler"),
        ("euler_karras", "EulerDiscreteScheduler"),
        ("euler_ancestral", "EulerAncestralDiscreteScheduler"),
        ("heun", "HeunDiscreteScheduler"),
        ("dpm2", "KDPM2DiscreteScheduler"),
        ("lms", "LMSDiscreteScheduler"),
        ("dpmpp_2m", "DPMSolverMultistepScheduler"),
        ("dpmpp_2m_karras", "DPMSolverMultistepScheduler"),
        ("dpmpp_2m_sde", "DPMSolverMultistepScheduler"),
        ("dpmpp_2m_sde_karras", "DPMSolverMultistepScheduler"),
        ("dpmpp_2s", "DPMSolverSinglestepScheduler"),
        ("dpmpp_3m", "DPMSolverMultistepScheduler"),
        ("deis", "DEISMultistepScheduler"),
        ("unipc", "UniPCMultistepScheduler"),
        ("unipc_karras", "UniPCMultistepScheduler"),
        ("lcm", "LCMScheduler"),
        ("tcd", "TCDScheduler"),
    ];

    /// <summary>The short names.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. All.Select(scheduler => scheduler.ShortName)];

    /// <summary>The short name for a short name or a class name; of several names of one class, the plain one.</summary>
    public static bool TryNormalize(string name, [NotNullWhen(true)] out string? shortName)
    {
        shortName = All.FirstOrDefault(scheduler => scheduler.ShortName == name || scheduler.ClassName == name).ShortName;
        return shortName is not null;
    }
}
