using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using SdAspire.Training.Data;

namespace SdAspire.Training;

/// <summary><c>prepare</c>: pictures and labels from their packages into one pixel file and its index.</summary>
public static class PrepareCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--out") { Description = "Folder for the prepared data", Required = true };
        var size = new Option<int>("--size") { Description = "Width and height in pixels", DefaultValueFactory = _ => 64 };
        var cache = CacheOption();
        size.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 8 or > 256)
                result.AddError("--size must be between 8 and 256.");
        });
        var command = new Command("prepare", "Fetches pictures and labels and writes them ready for training.") { output, size, cache };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await RunAsync(parsed.GetValue(output)!.FullName, parsed.GetValue(size), new NpmCache(parsed.GetValue(cache)!.FullName), cancellationToken);
            return 0;
        });
        return command;
    }

    internal static Option<DirectoryInfo> CacheOption() => new("--cache")
    {
        Description = "Folder that keeps the fetched packages",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(".cache", "npm")),
    };

    static async Task RunAsync(string directory, int size, NpmCache cache, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var (labels, groups, names, labelSource) = await ReadLabelsAsync(cache, cancellationToken);
        var (official, officialSource) = await ReadOfficialAsync(cache, cancellationToken);
        var files = await ReadAsync(cache, NpmPackage.Pictures, name => name.StartsWith("assets/", StringComparison.Ordinal), cancellationToken);

        var matched = EmojiCatalog.Match(
            labels, groups, names, official, files.Keys.Where(name => name.EndsWith(".webp", StringComparison.Ordinal)));
        if (matched.Count == 0)
            throw new TrainingException($"No picture of {NpmPackage.Pictures} matches a label of {NpmPackage.Labels}.");

        var pictureBytes = 4 * size * size;
        var pixels = new byte[matched.Count * pictureBytes];
        Parallel.For(0, matched.Count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
            PictureScaler.ToPlanarRgba(files[matched[i].File], size, matched[i].File).CopyTo(pixels, i * pictureBytes));

        Directory.CreateDirectory(directory);
        await File.WriteAllBytesAsync(Path.Combine(directory, PictureSet.PixelFile), pixels, cancellationToken);
        var index = new PictureIndex(PictureIndex.Current, matched.Count, size,
            [.. matched.Select(one => new Picture(one.Hexcode, one.Label, one.Tags, one.Group, one.File))]);
        await WriteAsync(Path.Combine(directory, PictureSet.IndexFile), index, PictureJson.Default.PictureIndex, cancellationToken);
        var manifest = new DataManifest(
            [Source(NpmPackage.Pictures, files, "pictures: Fluent emoji 3D, Copyright (c) Microsoft Corporation"), labelSource, officialSource],
            matched.Count, size, Convert.ToHexStringLower(SHA256.HashData(pixels)));
        await WriteAsync(Path.Combine(directory, PictureSet.ManifestFile), manifest, PictureJson.Default.DataManifest, cancellationToken);
        Console.WriteLine($"{matched.Count} pictures of {size}x{size} in {directory} ({watch.Elapsed.TotalSeconds:0} s)");
    }

    static async Task<(List<Emoji>, Dictionary<int, string>, Dictionary<string, string>, DataSource)> ReadLabelsAsync(
        NpmCache cache, CancellationToken cancellationToken)
    {
        const string Labels = "en/data.json", Groups = "meta/groups.json", Names = "meta/unicode-names.json";
        var files = await ReadAsync(cache, NpmPackage.Labels, name => name is Labels or Groups or Names, cancellationToken);
        return (
            JsonSerializer.Deserialize(files.Required(NpmPackage.Labels, Labels), EmojiJson.Default.ListEmoji)!,
            JsonSerializer.Deserialize(files.Required(NpmPackage.Labels, Groups), EmojiJson.Default.EmojiGroups)!.Groups,
            JsonSerializer.Deserialize(files.Required(NpmPackage.Labels, Names), EmojiJson.Default.DictionaryStringString)!,
            Source(NpmPackage.Labels, files, "labels, tags and groups"));
    }

    static async Task<(HashSet<string>, DataSource)> ReadOfficialAsync(NpmCache cache, CancellationToken cancellationToken)
    {
        const string Icons = "icons.json";
        var files = await ReadAsync(cache, NpmPackage.OfficialSet, name => name is Icons, cancellationToken);
        return (EmojiCatalog.IconNames(files.Required(NpmPackage.OfficialSet, Icons)),
            Source(NpmPackage.OfficialSet, files, "the names in Microsoft's released set (no picture is taken from it)"));
    }

    static async Task<Dictionary<string, byte[]>> ReadAsync(
        NpmCache cache, NpmPackage package, Func<string, bool> wanted, CancellationToken cancellationToken) =>
        await Tarball.ReadAsync(await cache.GetAsync(package, cancellationToken), name => name == "package.json" || wanted(name), cancellationToken);

    static DataSource Source(NpmPackage package, Dictionary<string, byte[]> files, string holds) =>
        new(package.Name, package.Version, package.Integrity,
            JsonSerializer.Deserialize(files.Required(package, "package.json"), EmojiJson.Default.PackageDescription)?.License ?? "not stated",
            holds);

    static async Task WriteAsync<T>(
        string path, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await using var stream = File.Create(path);
        await JsonSerializer.SerializeAsync(stream, value, type, cancellationToken);
    }
}
