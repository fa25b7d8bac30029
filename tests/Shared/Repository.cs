namespace SdAspire.Tests.Shared;

/// <summary>Where things lie in the working copy that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The golden fixtures: the repository's own, or those that <c>SD_FIXTURES</c> names.</summary>
    public static string Fixtures { get; } =
        Environment.GetEnvironmentVariable("SD_FIXTURES") is { Length: > 0 } other ? other : Path.Combine(Root, "tests", "fixtures");

    /// <summary>A small real model with random weights.</summary>
    public static string TinyModel => Path.Combine(Fixtures, "models", "tiny-sd15");

    /// <summary>The built program of a project, in the configuration of the tests that run.</summary>
    public static string Program(string project)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(Root, "artifacts", "bin", project, configuration, project + ".dll");
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "SdAspire.sln")))
                return directory.FullName;
        }
        throw new InvalidOperationException($"There is no SdAspire.sln above {AppContext.BaseDirectory}.");
    }
}
