using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SdAspire.AppHost.Tests.Support;

/// <summary>The pixels of a PNG with 8 bits for each of red, green and blue: what is compared, however it was compressed.</summary>
internal sealed class Png : IEquatable<Png>
{
    private const int BytesPerPixel = 3;
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    private Png(int width, int height, byte[] pixels) => (Width, Height, Pixels) = (width, height, pixels);

    public int Width { get; }

    public int Height { get; }

    public byte[] Pixels { get; }

    public static Png Decode(byte[] file)
    {
        file.AsSpan(0, Signature.Length).ToArray().ShouldBe(Signature);
        var (width, height) = (0, 0);
        using var data = new MemoryStream();
        for (var at = Signature.Length; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var body = file.AsSpan(at + 8, length);
            switch (Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    (width, height) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
                    body[8..13].ToArray().ShouldBe([8, 2, 0, 0, 0], "8 bits, RGB, not interlaced");
                    break;
                case "IDAT":
                    data.Write(body);
                    break;
            }

            at += length + 12;
        }

        data.Position = 0;
        return new(width, height, Unfilter(data, width * BytesPerPixel, height));
    }

    public bool Equals(Png? other) =>
        other is not null && Width == other.Width && Height == other.Height && Pixels.AsSpan().SequenceEqual(other.Pixels);

    public override bool Equals(object? obj) => Equals(obj as Png);

    public override int GetHashCode() => HashCode.Combine(Width, Height, Pixels.Length);

    private static byte[] Unfilter(Stream compressed, int stride, int height)
    {
        using var rows = new ZLibStream(compressed, CompressionMode.Decompress);
        var pixels = new byte[stride * height];
        for (var y = 0; y < height; y++)
        {
            var filter = rows.ReadByte();
            var row = pixels.AsSpan(y * stride, stride);
            rows.ReadExactly(row);
            var above = y == 0 ? new byte[stride] : pixels.AsSpan((y - 1) * stride, stride);
            for (var x = 0; x < stride; x++)
            {
                var left = x < BytesPerPixel ? 0 : row[x - BytesPerPixel];
                var upperLeft = x < BytesPerPixel ? 0 : above[x - BytesPerPixel];
                row[x] += filter switch
                {
                    0 => 0,
                    1 => (byte)left,
                    2 => above[x],
                    3 => (byte)((left + above[x]) / 2),
                    4 => (byte)Paeth(left, above[x], upperLeft),
                    _ => throw new InvalidDataException($"PNG has no filter {filter}."),
                };
            }
        }

        return pixels;
    }

    private static int Paeth(int left, int above, int upperLeft)
    {
        var estimate = left + above - upperLeft;
        var (toLeft, toAbove, toUpperLeft) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - upperLeft));
        return toLeft <= toAbove && toLeft <= toUpperLeft ? left : toAbove <= toUpperLeft ? above : upperLeft;
    }
}
