using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Training.Data;

/// <summary>One prepared picture.</summary>
public sealed record Picture(string Hexcode, string Label, IReadOnlyList<string> Tags, string Group, string File);

/// <summary>What pictures.json holds; picture i lies at i × 4 × size × size in the pixel file.</summary>
/// <param name="Version"><see cref="Current"/>; data of the first version had no alpha, and did not say its version.</param>
public sealed record PictureIndex(int Version, int Count, int Size, IReadOnlyList<Picture> Pictures)
{
    /// <summary>The version that is written and read.</summary>
    public const int Current = 2;
}

/// <summary>Where prepared data came from.</summary>
public sealed record DataManifest(IReadOnlyList<DataSource> Sources, int Count, int Size, string PixelsSha256);

/// <summary>One package of the manifest.</summary>
public sealed record DataSource(string Package, string Version, string Integrity, string License, string Holds);

/// <summary>Prepared pictures in memory.</summary>
public sealed class PictureSet
{
    /// <summary>File of planar RGBA bytes, premultiplied, N × 4 × size × size.</summary>
    public const string PixelFile = "pictures.rgba.bin";

    /// <summary>File of labels.</summary>
    public const string IndexFile = "pictures.json";

    /// <summary>File of sources and licences.</summary>
    public const string ManifestFile = "manifest.json";

    PictureSet(PictureIndex index, byte[] pixels) => (Index, Pixels) = (index, pixels);

    /// <summary>Labels and size.</summary>
    public PictureIndex Index { get; }

    /// <summary>All pictures, planar premultiplied RGBA.</summary>
    public byte[] Pixels { get; }

    /// <summary>Bytes of one picture.</summary>
    public int PictureBytes => 4 * Index.Size * Index.Size;

    /// <summary>Reads what <c>prepare</c> wrote.</summary>
    public static PictureSet Load(string directory)
    {
        var indexPath = Path.Combine(directory, IndexFile);
        var pixelPath = Path.Combine(directory, PixelFile);
        try
        {
            var index = JsonSerializer.Deserialize(File.ReadAllBytes(indexPath), PictureJson.Default.PictureIndex)
                ?? throw new JsonException("empty");
            if (index.Version != PictureIndex.Current)
                throw new TrainingException($"{directory}: prepared by another version; run Training prepare --out {directory} again.");
            var set = new PictureSet(index, File.ReadAllBytes(pixelPath));
            if (set.Pixels.LongLength != (long)index.Pictures.Count * set.PictureBytes)
                throw new TrainingException($"{pixelPath}: {set.Pixels.LongLength} bytes, expected {(long)index.Pictures.Count * set.PictureBytes}.");
            return set;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{directory}: no prepared pictures; run Training prepare --out {directory} ({fault.Message})", fault);
        }
        catch (JsonException fault)
        {
            throw new TrainingException($"{indexPath}: not a picture index ({fault.Message})", fault);
        }
    }

    /// <summary>Position of the picture with this label, or -1.</summary>
    public int IndexOf(string label)
    {
        for (var i = 0; i < Index.Pictures.Count; i++)
        {
            if (string.Equals(Index.Pictures[i].Label, label, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }

    /// <summary>Planar premultiplied RGBA of picture i.</summary>
    public ReadOnlySpan<byte> this[int i] => Pixels.AsSpan(i * PictureBytes, PictureBytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PictureIndex))]
[JsonSerializable(typeof(DataManifest))]
[JsonSerializable(typeof(CaptionList))]
internal sealed partial class PictureJson : JsonSerializerContext;
