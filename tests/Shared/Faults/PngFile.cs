using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>Whether a PNG is whole: every chunk with its checksum, the first and the last one, and all rows of pixels.</summary>
internal static class PngFile
{
    private const uint Polynomial = 0xEDB88320;
    private const int BytesPerPixel = 3;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <returns>What is wrong with it; null if nothing is.</returns>
    public static string? Fault(ReadOnlySpan<byte> file, int width, int height)
    {
        if (!file.StartsWith(Signature))
            return "it does not begin as a PNG does";
        using var data = new MemoryStream();
        var rest = file[Signature.Length..];
        for (var first = true; ; first = false)
        {
            if (rest.Length < 12)
                return "it ends before its last chunk";
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12)
                return "a chunk is cut off";
            var checkedPart = rest.Slice(4, (int)length + 4);
            var body = checkedPart[4..];
            if (Checksum(checkedPart) != BinaryPrimitives.ReadUInt32BigEndian(rest[(8 + (int)length)..]))
                return "a chunk's checksum is wrong";
            rest = rest[(12 + (int)length)..];
            var type = Encoding.ASCII.GetString(checkedPart[..4]);
            if (first != (type == "IHDR"))
                return "its header is not its first chunk";
            if (first && Size(body) != (width, height))
                return "it has another size than the one that was asked for";
            if (type == "IDAT")
                data.Write(body);
            if (type == "IEND")
                return rest.IsEmpty ? FaultOfRows(data, height * (1 + (width * BytesPerPixel))) : "something follows its end";
        }
    }

    private static (int Width, int Height) Size(ReadOnlySpan<byte> header) =>
        (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header[4..]));

    private static string? FaultOfRows(MemoryStream compressed, int expected)
    {
        compressed.Position = 0;
        try
        {
            using var rows = new ZLibStream(compressed, CompressionMode.Decompress);
            using var pixels = new MemoryStream();
            rows.CopyTo(pixels);
            return pixels.Length == expected ? null : $"it has {pixels.Length} bytes of pixels instead of {expected}";
        }
        catch (InvalidDataException e)
        {
            return $"its pixels cannot be read: {e.Message}";
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var checksum = uint.MaxValue;
        foreach (var one in bytes)
        {
            checksum ^= one;
            for (var bit = 0; bit < 8; bit++)
                checksum = (checksum & 1) == 1 ? Polynomial ^ (checksum >> 1) : checksum >> 1;
        }
        return ~checksum;
    }
}
