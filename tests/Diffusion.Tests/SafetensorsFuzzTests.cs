using System.Buffers.Binary;
using System.Text;
using SdAspire.Diffusion.Weights;
using SdAspire.Tests.Shared;

namespace SdAspire.Diffusion.Tests;

/// <summary>Headers that were tampered with: refused with an error, or what they give lies in the file.</summary>
public class SafetensorsFuzzTests
{
    const int Headers = 10_000;
    const string Header =
        """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F16","shape":[4],"data_offsets":[24,32]},"c":{"dtype":"I64","shape":[],"data_offsets":[32,40]},"d":{"dtype":"U8","shape":[0,7],"data_offsets":[40,40]}}""";

    static readonly string[] Values =
    [
        "-1", "0", "1", "8", "23", "25", "31", "41", "65535", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "1e3", "0.5", "null", "true", "\"24\"", "[]", "{}", "[0,24]", "[2,3]", "\"F32\"", "\"F64\"", "\"BOOL\"", "\"\"",
    ];

    [Fact]
    public void Ten_thousand_mutated_headers_crash_nothing_and_read_nothing_outside_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder["mutated.safetensors"];
        var random = new Random(20_231);
        var data = Enumerable.Range(0, 40).Select(i => (byte)(200 - i)).ToArray();
        var (refused, read) = (0, 0);
        for (var i = 0; i < Headers; i++)
        {
            var bytes = Mutated(random, data);
            File.WriteAllBytes(path, bytes);
            try
            {
                ReadAll(path, bytes);
                read++;
            }
            catch (ModelException e)
            {
                e.Message.ShouldContain(path);
                refused++;
            }
        }
        // Both happen, or the mutations are no test.
        refused.ShouldBeGreaterThan(Headers / 2);
        read.ShouldBeGreaterThan(Headers / 100);
    }

    static void ReadAll(string path, byte[] bytes)
    {
        using var file = new SafetensorsFile(path);
        var data = 8 + BinaryPrimitives.ReadInt64LittleEndian(bytes);
        foreach (var (name, entry) in file.Entries)
        {
            entry.Begin.ShouldBeGreaterThanOrEqualTo(data);
            (entry.Begin + entry.Length).ShouldBeLessThanOrEqualTo(bytes.Length);
            using var tensor = file.Read(name);
            tensor.shape.ShouldBe(entry.Shape);
            (tensor.numel() * tensor.ElementSize).ShouldBe(entry.Length);
            tensor.bytes.SequenceEqual(bytes.AsSpan((int)entry.Begin, (int)entry.Length)).ShouldBeTrue();
        }
    }

    static byte[] Mutated(Random random, byte[] data)
    {
        var header = Encoding.UTF8.GetBytes(Header).ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            Mutate(random, header);
        }
        var length = (long)header.Count;
        if (random.Next(8) == 0)
        {
            length = random.Next(4) switch { 0 => random.NextInt64(), 1 => -1, 2 => length + random.Next(-3, 60), _ => random.Next(0, 400) };
        }
        var bytes = new byte[8 + header.Count + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        header.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + header.Count);
        return random.Next(10) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
    }

    static void Mutate(Random random, List<byte> header)
    {
        var at = random.Next(header.Count);
        switch (random.Next(6))
        {
            case 0:
                header[at] = (byte)random.Next(256);
                break;
            case 1:
                header[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when header.Count > 40:
                header.RemoveRange(at, Math.Min(random.Next(1, 8), header.Count - at));
                break;
            case 3:
                header.InsertRange(at, header.GetRange(at, Math.Min(random.Next(1, 60), header.Count - at)));
                break;
            case 4:
                header.Insert(at, (byte)"0123456789-,[]{}\": "[random.Next(19)]);
                break;
            default:
                // A number becomes another value.
                var digits = Enumerable.Range(0, header.Count).Where(i => char.IsAsciiDigit((char)header[i])).ToList();
                if (digits.Count > 0)
                {
                    var start = digits[random.Next(digits.Count)];
                    var end = start;
                    while (start > 0 && char.IsAsciiDigit((char)header[start - 1]))
                    {
                        start--;
                    }
                    while (end < header.Count && char.IsAsciiDigit((char)header[end]))
                    {
                        end++;
                    }
                    header.RemoveRange(start, end - start);
                    header.InsertRange(start, Encoding.ASCII.GetBytes(Values[random.Next(Values.Length)]));
                }
                break;
        }
    }
}
