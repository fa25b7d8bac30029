using SkiaSharp;

namespace SdAspire.Training.Data;

/// <summary>Decodes a picture and shrinks it by area averaging, alpha included.</summary>
public static class PictureScaler
{
    const int Channels = 4;

    /// <summary>Planar premultiplied RGBA: 4 × size × size bytes.</summary>
    public static byte[] ToPlanarRgba(byte[] encoded, int size, string name)
    {
        using var source = SKBitmap.Decode(encoded) ?? throw new TrainingException($"{name}: not a readable picture.");
        // A square canvas in the source's own resolution: a few pictures are taller than wide.
        var side = Math.Max(source.Width, source.Height);
        using var canvasBitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Premul));
        using (var canvas = new SKCanvas(canvasBitmap))
        {
            canvas.Clear(SKColors.Transparent);
            canvas.DrawBitmap(source, (side - source.Width) / 2, (side - source.Height) / 2);
        }

        var pixels = canvasBitmap.GetPixelSpan();
        var planar = new byte[Channels * size * size];
        var scale = (double)side / size;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                Span<double> sum = [0, 0, 0, 0];
                Average(pixels, side, x * scale, (x + 1) * scale, y * scale, (y + 1) * scale, sum);
                for (var channel = 0; channel < Channels; channel++)
                    planar[(channel * size + y) * size + x] = (byte)Math.Clamp(Math.Round(sum[channel]), 0, 255);
            }
        }
        return planar;
    }

    static void Average(ReadOnlySpan<byte> rgba, int side, double left, double right, double top, double bottom, Span<double> sum)
    {
        double area = 0;
        for (var y = (int)top; y < Math.Min(side, (int)Math.Ceiling(bottom)); y++)
        {
            var height = Math.Min(bottom, y + 1) - Math.Max(top, y);
            for (var x = (int)left; x < Math.Min(side, (int)Math.Ceiling(right)); x++)
            {
                var weight = height * (Math.Min(right, x + 1) - Math.Max(left, x));
                var at = (y * side + x) * 4;
                for (var channel = 0; channel < Channels; channel++)
                    sum[channel] += weight * rgba[at + channel];
                area += weight;
            }
        }
        for (var channel = 0; channel < Channels; channel++)
            sum[channel] /= area;
    }
}
