using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Training;

/// <summary>Pictures side by side in one PNG, to look at while training runs.</summary>
static class SampleSheet
{
    const int Columns = 10;

    /// <param name="path">The PNG.</param>
    /// <param name="pictures">[count, 3, height, width] in [−1, 1].</param>
    public static void Write(string path, Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var (count, height, width) = ((int)pictures.shape[0], (int)pictures.shape[2], (int)pictures.shape[3]);
        var bytes = ((pictures / 2 + 0.5).clamp(0, 1) * 255).round().to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous();
        var rgb = bytes.bytes;
        using var sheet = new SKBitmap(Columns * width, (count + Columns - 1) / Columns * height);
        for (var i = 0; i < count; i++)
        {
            for (var p = 0; p < width * height; p++)
            {
                var at = (i * width * height + p) * 3;
                sheet.SetPixel(i % Columns * width + p % width, i / Columns * height + p / width, new SKColor(rgb[at], rgb[at + 1], rgb[at + 2]));
            }
        }
        using var png = sheet.Encode(SKEncodedImageFormat.Png, 100);
        using var file = File.Create(path);
        png.SaveTo(file);
    }
}
