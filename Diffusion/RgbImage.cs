using System.Runtime.InteropServices;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion;

/// <summary>A picture: 8 bits a channel, red green blue, row by row, no padding.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Pixels">Width × height × 3 bytes.</param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels)
{
    internal const int Channels = 3;

    /// <summary>The model's safety checker found what is not wanted, and the picture is black instead.</summary>
    public bool IsWithheld { get; init; }

    /// <summary>Reads a PNG, JPEG, WebP or whatever else Skia decodes; transparent parts are white.</summary>
    /// <exception cref="ModelException">The file is missing, unreadable or no picture; names it.</exception>
    public static RgbImage FromFile(string path)
    {
        try
        {
            using var codec = SKCodec.Create(new MemoryStream(File.ReadAllBytes(path)));
            using var decoded = codec is null ? null : SKBitmap.Decode(codec);
            if (decoded is null)
            {
                throw new ModelException($"{path}: no picture that can be decoded");
            }
            using var opaque = new SKBitmap(new SKImageInfo(decoded.Width, decoded.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
            using (var canvas = new SKCanvas(opaque))
            {
                canvas.Clear(SKColors.White);
                canvas.DrawBitmap(decoded, 0, 0);
            }
            var rgbx = opaque.GetPixelSpan();
            var pixels = new byte[decoded.Width * decoded.Height * 3];
            for (int from = 0, to = 0; to < pixels.Length; from += 4, to += 3)
            {
                (pixels[to], pixels[to + 1], pixels[to + 2]) = (rgbx[from], rgbx[from + 1], rgbx[from + 2]);
            }
            return new RgbImage(decoded.Width, decoded.Height, pixels);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelException($"{path}: the file is missing", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    public byte[] ToPng()
    {
        // Skia has no 24-bit format; opaque pixels come out as an RGB PNG.
        var rgbx = new byte[Width * Height * 4];
        for (int from = 0, to = 0; from < Pixels.Length; from += 3, to += 4)
        {
            (rgbx[to], rgbx[to + 1], rgbx[to + 2], rgbx[to + 3]) = (Pixels[from], Pixels[from + 1], Pixels[from + 2], 255);
        }
        var pinned = GCHandle.Alloc(rgbx, GCHandleType.Pinned);
        try
        {
            using var pixels = new SKPixmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque), pinned.AddrOfPinnedObject());
            using var png = pixels.Encode(SKEncodedImageFormat.Png, 100)
                ?? throw new InvalidOperationException("PNG encoding failed");
            return png.ToArray();
        }
        finally
        {
            pinned.Free();
        }
    }

    /// <returns>[1, 3, height, width] in [0, 1]; the caller owns it.</returns>
    internal Tensor ToTensor()
    {
        using var scope = NewDisposeScope();
        var bytes = tensor(Pixels, [Height, Width, 3], ScalarType.Byte);
        return (bytes.permute(2, 0, 1).unsqueeze(0).to(ScalarType.Float32) / 255).contiguous().MoveToOuterDisposeScope();
    }

    /// <param name="image">[3, height, width] in [0, 1].</param>
    internal static RgbImage FromTensor(Tensor image)
    {
        using var scope = NewDisposeScope();
        var bytes = (image * 255).round().to(ScalarType.Byte).permute(1, 2, 0).contiguous().cpu();
        return new RgbImage((int)image.shape[2], (int)image.shape[1], bytes.bytes.ToArray());
    }
}
