using System.Globalization;

namespace SdAspire.Scaler.Launching;

/// <summary>The folder of the workers' readiness files: one for each launcher, named after its process.</summary>
static class ReadinessFolder
{
    private const string Prefix = "sdaspire-scaler-";

    /// <summary>Creates an empty one, and removes those of launchers that were killed.</summary>
    public static string Create()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
            if (!IsInUse(folder)) Remove(folder);
        var own = Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-");
        return own.FullName;
    }

    private static bool IsInUse(string folder)
    {
        var owner = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
        return !int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var process) || Directory.Exists($"/proc/{process}");
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or gone meanwhile.
        }
    }
}
