using System.Diagnostics.CodeAnalysis;

namespace SdAspire.Generation;

/// <summary>The schedulers that a task may name: by short name, or by diffusers' class name.</summary>
public static class Schedulers
{
    public const string Default = "ddim";

    /// <summary>The short names.</summary>
    public static IReadOnlyList<string> Known { get; } = ["ddim", "euler"];

    /// <summary>The short name for a short name or a class name.</summary>
    public static bool TryNormalize(string name, [NotNullWhen(true)] out string? shortName)
    {
        shortName = name switch
        {
            "ddim" or "DDIMScheduler" => "ddim",
            "euler" or "EulerDiscreteScheduler" => "euler",
            _ => null,
        };
        return shortName is not null;
    }
}
