namespace SdAspire.Diffusion.Tests;

/// <summary>A folder of a test's own.</summary>
sealed class TemporaryFolder : IDisposable
{
    readonly string _path = Directory.CreateTempSubdirectory("sdaspire-model-").FullName;

    /// <summary>A path in it.</summary>
    public string At(params string[] parts) => Path.Combine([_path, .. parts]);

    /// <summary>Copies a folder's files into it, those that are wanted.</summary>
    public string Copy(string source, string name, Func<string, bool>? wanted = null)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(wanted ?? (_ => true)))
        {
            var copy = At(name, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return At(name);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
