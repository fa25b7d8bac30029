using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using SdAspire.Generation;

namespace SdAspire.Worker.Engine;

/// <summary>
/// How a picture was made, in the picture: the text chunk <c>parameters</c>, as AUTOMATIC1111's web UI writes it and the other
/// programs for Stable Diffusion read it.
/// </summary>
/// <remarks>The PNG specification (https://www.w3.org/TR/png-3/), 11.3.3: tEXt for Latin-1, iTXt for the rest of Unicode.</remarks>
public static class PngParameters
{
    private const string Keyword = "parameters";

    // The signature and IHDR, which always comes first: a length, a type, 13 bytes and a checksum.
    private const int EndOfHeader = 8 + 4 + 4 + 13 + 4;

    // What those programs call our schedulers.
    private static readonly Dictionary<string, string> Samplers = new()
    {
        ["ddim"] = "DDIM",
        ["euler"] = "Euler",
        ["euler_karras"] = "Euler Karras",
        ["euler_ancestral"] = "Euler a",
        ["pndm"] = "PLMS",
        ["ddpm"] = "DDPM",
        ["heun"] = "Heun",
        ["dpm2"] = "DPM2",
        ["lms"] = "LMS",
        ["dpmpp_2m"] = "DPM++ 2M",
        ["dpmpp_2m_karras"] = "DPM++ 2M Karras",
        ["dpmpp_2m_sde"] = "DPM++ 2M SDE",
        ["dpmpp_2m_sde_karras"] = "DPM++ 2M SDE Karras",
        ["dpmpp_2s"] = "DPM++ 2S",
        ["dpmpp_3m"] = "DPM++ 3M",
        ["deis"] = "DEIS",
        ["unipc"] = "UniPC",
        ["unipc_karras"] = "UniPC Karras",
        ["lcm"] = "LCM",
        ["tcd"] = "TCD",
    };

    /// <param name="png">The picture.</param>
    /// <param name="n">Which of the task's pictures it is, from 0.</param>
    /// <returns>The same picture, with its parameters.</returns>
    public static byte[] Write(ReadOnlySpan<byte> png, GenerationTask task, int n) =>
        [.. png[..EndOfHeader], .. Chunk(Text(task, n)), .. png[EndOfHeader..]];

    private static string Text(GenerationTask task, int n)
    {
        var text = new StringBuilder(task.Prompt).Append('\n');
        if (task.NegativePrompt is { Length: > 0 } negative)
            text.Append("Negative prompt: ").Append(negative).Append('\n');
        return text.Append(CultureInfo.InvariantCulture,
            $"Steps: {task.Steps}, Sampler: {Samplers.GetValueOrDefault(task.Scheduler, task.Scheduler)}, "
            + $"CFG scale: {task.GuidanceScale}, Seed: {task.Seed + n}, Size: {task.Width}x{task.Height}, Model: {task.Model}").ToString();
    }

    private static byte[] Chunk(string text)
    {
        byte[] content = text.All(c => c <= '\xFF')
            ? [.. "tEXt"u8, .. Encoding.ASCII.GetBytes(Keyword), 0, .. Encoding.Latin1.GetBytes(text)]
            // Not compressed, in no language, with no translated keyword.
            : [.. "iTXt"u8, .. Encoding.ASCII.GetBytes(Keyword), 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];
        var chunk = new byte[4 + content.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length - 4);
        content.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + content.Length), Crc32.HashToUInt32(content));
        return chunk;
    }
}
