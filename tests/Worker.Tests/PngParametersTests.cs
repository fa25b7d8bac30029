using System.Buffers.Binary;
using System.Text;
using SdAspire.Diffusion;
using SdAspire.Generation;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Tests;

public class PngParametersTests
{
    private static readonly RgbImage Picture = new(2, 1, [255, 0, 0, 0, 0, 255]);

    [Fact]
    public void The_picture_says_how_it_was_made_as_other_programs_write_it() =>
        Read(PngParameters.Write(Picture.ToPng(), Task("red heart") with { NegativePrompt = "blue" }, n: 2)).ShouldBe(
            ("tEXt", "red heart\nNegative prompt: blue\nSteps: 4, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 9, Size: 64x32, Model: m"));

    [Fact]
    public void Without_a_negative_prompt_there_is_no_line_for_it() =>
        Read(PngParameters.Write(Picture.ToPng(), Task("red heart"), n: 0)).Text.Split('\n').Length.ShouldBe(2);

    [Theory]
    [InlineData("café", "tEXt")]
    [InlineData("赤いハート 🐸", "iTXt")]
    public void Any_prompt_comes_back(string prompt, string chunk)
    {
        var (type, text) = Read(PngParameters.Write(Picture.ToPng(), Task(prompt), n: 0));
        type.ShouldBe(chunk);
        text.Split('\n')[0].ShouldBe(prompt);
    }

    [Fact]
    public void The_pixels_stay()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, PngParameters.Write(Picture.ToPng(), Task("red heart"), n: 0));
            RgbImage.FromFile(path).Pixels.ShouldBe(Picture.Pixels);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static GenerationTask Task(string prompt) => new()
    {
        Id = TaskId.New(TimeProvider.System), CreatedAt = DateTimeOffset.UnixEpoch, Model = "m", Prompt = prompt, Seed = 7, Steps = 4,
        GuidanceScale = 7.5, Scheduler = "dpmpp_2m_karras", Width = 64, Height = 32,
    };

    private static (string Type, string Text) Read(ReadOnlySpan<byte> png)
    {
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png[at..]);
            var type = Encoding.ASCII.GetString(png.Slice(at + 4, 4));
            var content = png.Slice(at + 8, length);
            if (type is "tEXt" or "iTXt")
            {
                BinaryPrimitives.ReadUInt32BigEndian(png[(at + 8 + length)..]).ShouldBe(Crc(png.Slice(at + 4, 4 + length)));
                var keyword = Encoding.ASCII.GetString(content[..content.IndexOf((byte)0)]);
                keyword.ShouldBe("parameters");
                return (type, type is "tEXt"
                    ? Encoding.Latin1.GetString(content[(keyword.Length + 1)..])
                    : Encoding.UTF8.GetString(content[(keyword.Length + 5)..]));
            }
            at += 12 + length;
        }
        throw new InvalidDataException("no text chunk");
    }

    // The specification's own, bit by bit (annex D).
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }
        return ~crc;
    }
}
