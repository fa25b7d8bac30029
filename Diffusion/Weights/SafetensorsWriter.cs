using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Weights;

/// <summary>Writes safetensors files, atomically: a reader sees the old file or the new one.</summary>
public static class SafetensorsWriter
{
    /// <param name="path">The file to write.</param>
    /// <param name="tensors">Name and value; any device.</param>
    /// <param name="type">The type to store floating-point tensors in: Float32 or Float16; null keeps each tensor's own.</param>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, ScalarType? type = null)
    {
        using var scope = NewDisposeScope();
        var ordered = tensors.OrderBy(t => t.Key, StringComparer.Ordinal)
            .Select(t => (t.Key, Value: Stored(t.Value, type))).ToList();

        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            long offset = 0;
            json.WriteStartObject();
            foreach (var (name, value) in ordered)
            {
                var length = value.numel() * value.ElementSize;
                json.WriteStartObject(name);
                json.WriteString("dtype", NameOf(value.dtype));
                json.WriteStartArray("shape");
                foreach (var d in value.shape)
                {
                    json.WriteNumberValue(d);
                }
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // The format wants the data aligned to 8 bytes; trailing spaces in the header do that.
        while (header.Length % 8 != 0)
        {
            header.WriteByte((byte)' ');
        }

        var aside = path + ".tmp";
        using (var stream = File.Create(aside))
        {
            Span<byte> prefix = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
            stream.Write(prefix);
            header.WriteTo(stream);
            foreach (var (_, value) in ordered)
            {
                stream.Write(value.bytes);
            }
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }

    static Tensor Stored(Tensor tensor, ScalarType? type)
    {
        var plain = tensor.detach().cpu();
        return (type is { } t && plain.is_floating_point() ? plain.to(t) : plain).contiguous();
    }

    static string NameOf(ScalarType type) => type switch
    {
        ScalarType.Float64 => "F64",
        ScalarType.Float32 => "F32",
        ScalarType.Float16 => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Int64 => "I64",
        ScalarType.Int32 => "I32",
        _ => throw new NotSupportedException($"safetensors: no name for {type}"),
    };
}
