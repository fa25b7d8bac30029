using System.Text.Json;
using SdAspire.Training.Data;
using SdAspire.Training.Scenes;

namespace SdAspire.Training.Tests;

/// <summary>A folder as prepare writes it: three drawn pictures.</summary>
public sealed class PreparedData : IDisposable
{
    public const int Size = 16;

    public static readonly CaptionList Captions = new(
        ["{0}", "a {0}"], [new Caption("disc", ["circle"], "disc"), new Caption("ring"), new Caption("bar", null, "bar")]);

    public PreparedData()
    {
        (double Red, double Green, double Blue, Func<double, double, bool> Shape)[] drawings =
        [
            (230, 40, 40, (x, y) => x * x + y * y < 0.6),
            (40, 200, 60, (x, y) => x * x + y * y is > 0.4 and < 0.9),
            (40, 60, 220, (x, y) => Math.Abs(y) < 0.3),
        ];
        var pixels = drawings.SelectMany(drawing => new[] { drawing.Red, drawing.Green, drawing.Blue, 255 }.SelectMany(channel =>
            from y in Enumerable.Range(0, Size)
            from x in Enumerable.Range(0, Size)
            select drawing.Shape((x + 0.5) * 2 / Size - 1, (y + 0.5) * 2 / Size - 1) ? (byte)channel : (byte)0)).ToArray();
        File.WriteAllBytes(Path.Combine(Directory, PictureSet.PixelFile), pixels);
        var index = new PictureIndex(PictureIndex.Current, drawings.Length, Size,
            [.. Captions.Captions.Select(caption => new Picture("0", caption.Label, [], "objects", "none"))]);
        File.WriteAllBytes(
            Path.Combine(Directory, PictureSet.IndexFile),
            JsonSerializer.SerializeToUtf8Bytes(index, PictureJson.Default.PictureIndex));
        Pictures = PictureSet.Load(Directory);
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("sdaspire-data-").FullName;

    public PictureSet Pictures { get; }

    public SceneSampler Sampler(SceneShares shares) => new(shares, Captions, Pictures);

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
