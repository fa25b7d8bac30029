using System.Diagnostics;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>A folder that is a file system of its own, in memory, for one process and its children; it takes no rights.</summary>
internal static class LimitedFolder
{
    private const string Script = """mount -t tmpfs -o "size=$2" tmpfs "$1" && shift 2 && exec "$@" """;

    /// <summary>What to put before a command.</summary>
    public static string[] Command(string folder, string size) =>
        ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c", Script, "bash", folder, size];

    /// <summary>Why this machine does not allow it; null if it does.</summary>
    public static async Task<string?> ProblemAsync()
    {
        using var folder = new TemporaryFolder();
        var command = Command(folder.Path, "1m");
        var start = new ProcessStartInfo(command[0], [.. command[1..], "true"]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var problem = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : problem.ReplaceLineEndings(" ").Trim();
    }
}
