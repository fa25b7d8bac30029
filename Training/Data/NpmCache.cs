using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace SdAspire.Training.Data;

/// <summary>Tarballs fetched by <c>npm pack</c>, checked against their integrity before every use.</summary>
public sealed class NpmCache(string directory)
{
    /// <summary>The path of the package's tarball, fetched if it is not there yet.</summary>
    public async Task<string> GetAsync(NpmPackage package, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, package.TarballName);
        if (File.Exists(path) && await IntegrityAsync(path, cancellationToken) == package.Integrity)
            return path;

        await PackAsync(package, cancellationToken);
        if (!File.Exists(path))
            throw new TrainingException($"npm pack {package} did not write {path}.");
        if (await IntegrityAsync(path, cancellationToken) is var actual && actual != package.Integrity)
        {
            File.Delete(path);
            throw new TrainingException($"{package}: the tarball's checksum is {actual}, expected {package.Integrity}.");
        }
        return path;
    }

    async Task PackAsync(NpmPackage package, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("npm")
        {
            ArgumentList = { "pack", package.ToString(), "--pack-destination", Path.GetFullPath(directory), "--ignore-scripts", "--silent" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new TrainingException("npm is not installed: it fetches the pictures and labels (Debian: apt-get install npm).");
        }
        using (process)
        {
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
                var errors = process.StandardError.ReadToEndAsync(cancellationToken);
                await process.WaitForExitAsync(cancellationToken);
                await output;
                if (process.ExitCode != 0)
                    throw new TrainingException($"npm pack {package} failed: {OneLine(await errors)}");
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
    }

    // npm's warnings come before what went wrong.
    static string OneLine(string errors) =>
        errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith("npm warn", StringComparison.OrdinalIgnoreCase))
            .FirstOrDefault() ?? "no reason given";

    static async Task<string> IntegrityAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return "sha512-" + Convert.ToBase64String(await SHA512.HashDataAsync(stream, cancellationToken));
    }
}
