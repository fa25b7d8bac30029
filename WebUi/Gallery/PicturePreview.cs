using System.Buffers.Text;

namespace SdAspire.WebUi.Gallery;

/// <summary>Reads the previews that come with events.</summary>
internal static class PicturePreview
{
    // A preview has 64 pixels a side: 12 kB even where nothing can be compressed.
    private const int MaxLength = 32 * 1024;

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <returns>The PNG; null for anything else.</returns>
    public static byte[]? Decode(string? base64)
    {
        if (base64 is not { Length: > 0 and <= MaxLength } || !Base64.IsValid(base64))
            return null;
        var png = Convert.FromBase64String(base64);
        return png.AsSpan().StartsWith(PngSignature) ? png : null;
    }
}
