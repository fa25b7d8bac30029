using System.ComponentModel;
using System.Diagnostics;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>The packages from npm that tests need, in the versions and with the checksums of their lock file.</summary>
internal static class NpmPackages
{
    private static readonly string[] Files = ["package.json", "package-lock.json", "client.js"];

    private static readonly string Folder = Path.Combine(Repository.Root, "artifacts", "npm");

    public static async Task InstallAsync()
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in Files)
            File.Copy(Path.Combine(Repository.Root, "tests", "WebUi.Tests", "npm", file), Path.Combine(Folder, file), overwrite: true);
        await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], []);
    }

    /// <summary>A file of a package that was installed.</summary>
    public static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(Path.Combine(Folder, "node_modules", path));

    /// <summary>Runs a program beside them.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Start(start);
        using var bounded = new CancellationTokenSource(Eventually.Generous);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(bounded.Token);
            var error = process.StandardError.ReadToEndAsync(bounded.Token);
            await process.WaitForExitAsync(bounded.Token);
            process.ExitCode.ShouldBe(0, await error + await output);
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{start.FileName} is missing: install it with \"apt install nodejs npm\"", e);
        }
    }
}
