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
    ];

    /// <summary>The short names.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. All.Select(scheduler => scheduler.ShortName)];

    /// <summary>The short name for a short name or a class name.</summary>
    public static bool TryNormalize(string name, [NotNullWhen(true)] out string? shortName)
    {
        shortName = All.FirstOrDefault(scheduler => scheduler.ShortName == name || scheduler.ClassName == name).ShortName;
        return shortName is not null;
    }
}
