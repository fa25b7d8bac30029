using SdAspire.Diffusion;
using SdAspire.Training.Scenes;
using SkiaSharp;

namespace SdAspire.Training;

/// <summary>Pictures with a line of text below each, in one PNG or WebP.</summary>
static class LabelledSheet
{
    const int Columns = 10;
    const int LineHeight = 12;
    const int MinWidth = 96;

    // Of WebP: a tenth of a PNG's size, and a sheet is only looked at.
    const int Quality = 88;

    public static void Write(string path, IReadOnlyList<(RgbImage Picture, string Text)> cells)
    {
        int width = Math.Max(MinWidth, cells[0].Picture.Width), height = cells[0].Picture.Height + LineHeight + 4;
        using var sheet = new SKBitmap(Columns * width, (cells.Count + Columns - 1) / Columns * height);
        using var canvas = new SKCanvas(sheet);
        using var paint = new SKPaint { Color = SKColors.Black, TextSize = LineHeight - 3, IsAntialias = true };
        canvas.Clear(SKColors.White);
        for (var i = 0; i < cells.Count; i++)
        {
            var (picture, text) = cells[i];
            int left = i % Columns * width, top = i / Columns * height;
            using var bitmap = SKBitmap.Decode(picture.ToPng());
            canvas.DrawBitmap(bitmap, left + (width - picture.Width) / 2, top);
            canvas.Save();
            canvas.ClipRect(new SKRect(left, top, left + width - 2, top + height));
            canvas.DrawText(text, left + 1, top + picture.Height + LineHeight, paint);
            canvas.Restore();
        }
        using var encoded = sheet.Encode(
            Path.GetExtension(path) is ".webp" ? SKEncodedImageFormat.Webp : SKEncodedImageFormat.Png, Quality);
        using var file = File.Create(path);
        encoded.SaveTo(file);
    }

    /// <summary>A composed scene as a picture.</summary>
    public static RgbImage Paint(this Composer composer, Scene scene)
    {
        var planar = new float[composer.Length];
        composer.Paint(scene, planar);
        var area = planar.Length / 3;
        var pixels = new byte[planar.Length];
        for (var i = 0; i < planar.Length; i++)
            pixels[i % area * 3 + i / area] = (byte)Math.Clamp(Math.Round((planar[i] + 1) * 127.5), 0, 255);
        return new RgbImage(composer.Size, composer.Size, pixels);
    }
}
