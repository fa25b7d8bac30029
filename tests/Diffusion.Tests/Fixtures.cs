using System.Text.Json;

namespace SdAspire.Diffusion.Tests;

/// <summary>The golden files: those of SD_FIXTURES where it is set, else the repository's own copy.</summary>
public static class Fixtures
{
    /// <summary>The folder that holds models, components, pipelines, schedulers, rng and tokenizer.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root.</summary>
    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Whether the tree holds this file or folder (the repository's copy leaves out what is large).</summary>
    public static bool Has(params string[] parts) => Path.Exists(At(parts));

    /// <summary>The file as JSON.</summary>
    public static JsonElement Json(params string[] parts)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(At(parts)));
        return document.RootElement.Clone();
    }

    static string FindRoot()
    {
        if (Environment.GetEnvironmentVariable("SD_FIXTURES") is { Length: > 0 } chosen)
            return Directory.Exists(chosen) ? Path.GetFullPath(chosen) : throw new DirectoryNotFoundException($"SD_FIXTURES: {chosen} does not exist.");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SdAspire.sln")))
                return Path.Combine(folder.FullName, "tests", "fixtures");
        }
        throw new DirectoryNotFoundException("No SdAspire.sln above the tests: set SD_FIXTURES.");
    }
}
