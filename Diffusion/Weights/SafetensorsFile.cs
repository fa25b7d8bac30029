using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Weights;

/// <summary>One tensor's entry in a safetensors header. Offsets count from the start of the file.</summary>
public sealed record SafetensorsEntry(ScalarType Type, long[] Shape, long Begin, long Length);

/// <summary>
/// Reads a safetensors file: 8 bytes little-endian header length, a JSON header, the tensors' bytes.
/// Every offset is checked against the file before anything is read.
/// </summary>
/// <remarks>Format: https://github.com/huggingface/safetensors#format</remarks>
public sealed class SafetensorsFile : IDisposable
{
    const long MaximumHeaderLength = 100_000_000;
    const int MaximumDimensions = 16;

    readonly SafeFileHandle _file;

    /// <exception cref="ModelException">The file is missing, truncated, or its header contradicts its size.</exception>
    public SafetensorsFile(string path)
    {
        Path = path;
        Entries = ReadEntries(path);
        _file = File.OpenHandle(path);
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>Reads and checks the header alone.</summary>
    /// <exception cref="ModelException">As for the constructor.</exception>
    public static void Verify(string path) => ReadEntries(path);

    /// <summary>Copies a tensor out of the file, in the file's type and on the CPU. The caller owns it.</summary>
    /// <exception cref="ModelException">There is no tensor of that name.</exception>
    public Tensor Read(string name)
    {
        if (!Entries.TryGetValue(name, out var entry))
        {
            throw new ModelException($"{Path}: tensor '{name}' is missing");
        }
        var tensor = empty(entry.Shape, entry.Type);
        // Not by a mapping, whose pages would count as this process's memory beside the tensors themselves.
        var rest = tensor.bytes;
        for (var offset = entry.Begin; rest.Length > 0;)
        {
            var read = RandomAccess.Read(_file, rest, offset);
            if (read == 0)
            {
                tensor.Dispose();
                throw new ModelException($"{Path}: truncated while tensor '{name}' was read");
            }
            rest = rest[read..];
            offset += read;
        }
        return tensor;
    }

    public void Dispose() => _file.Dispose();

    static Dictionary<string, SafetensorsEntry> ReadEntries(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return ReadEntries(path, stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelException($"{path}: the file is missing", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{path}: cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new ModelException($"{path}: the safetensors header is malformed", e);
        }
    }

    static Dictionary<string, SafetensorsEntry> ReadEntries(string path, FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
        {
            throw new ModelException($"{path}: truncated: no safetensors header");
        }
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaximumHeaderLength || (long)headerLength > stream.Length - 8)
        {
            throw new ModelException($"{path}: truncated or no safetensors file: the header claims {headerLength} bytes of {stream.Length}");
        }
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        var data = 8 + (long)headerLength;
        var dataLength = stream.Length - data;

        using var json = JsonDocument.Parse(header);
        var entries = new Dictionary<string, SafetensorsEntry>();
        foreach (var property in json.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
        {
            var type = TypeOf(property.Value.GetProperty("dtype").GetString())
                ?? throw new ModelException($"{path}: tensor '{property.Name}' has the unsupported dtype {property.Value.GetProperty("dtype")}");
            var shape = property.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
            if (property.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64()).ToArray() is not [var begin, var end])
            {
                throw new FormatException();
            }
            if (begin < 0 || end < begin || end > dataLength)
            {
                throw new ModelException($"{path}: truncated: tensor '{property.Name}' ends at byte {end} of {dataLength}");
            }
            if (shape.Length > MaximumDimensions || end - begin > int.MaxValue)
            {
                throw new ModelException(
                    $"{path}: tensor '{property.Name}' is too large: {shape.Length} dimensions, {end - begin} bytes");
            }
            var elements = shape.Aggregate(1L, (product, d) => d >= 0 ? checked(product * d) : throw new FormatException());
            if (checked(elements * SizeOf(type)) != end - begin)
            {
                throw new ModelException($"{path}: tensor '{property.Name}' has {end - begin} bytes, its shape [{string.Join(", ", shape)}] needs {elements * SizeOf(type)}");
            }
            if (!entries.TryAdd(property.Name, new SafetensorsEntry(type, shape, data + begin, end - begin)))
            {
                throw new ModelException($"{path}: tensor '{property.Name}' is there twice");
            }
        }
        VerifyLayout(path, entries, stream.Length, data);
        return entries;
    }

    // Each byte belongs to one tensor: a header that lets tensors overlap, or leaves bytes out, is not what its writer wrote.
    static void VerifyLayout(string path, Dictionary<string, SafetensorsEntry> entries, long fileLength, long data)
    {
        var position = data;
        foreach (var (name, entry) in entries.OrderBy(e => e.Value.Begin).ThenBy(e => e.Value.Length))
        {
            if (entry.Begin != position)
            {
                throw new ModelException(
                    $"{path}: tensor '{name}' begins at byte {entry.Begin - data}, the one before it ends at {position - data}");
            }
            position += entry.Length;
        }
        if (position != fileLength)
        {
            throw new ModelException($"{path}: the tensors end at byte {position - data} of {fileLength - data}");
        }
    }

    static ScalarType? TypeOf(string? name) => name switch
    {
        "F64" => ScalarType.Float64,
        "F32" => ScalarType.Float32,
        "F16" => ScalarType.Float16,
        "BF16" => ScalarType.BFloat16,
        "I64" => ScalarType.Int64,
        "I32" => ScalarType.Int32,
        "I16" => ScalarType.Int16,
        "I8" => ScalarType.Int8,
        "U8" => ScalarType.Byte,
        "BOOL" => ScalarType.Bool,
        _ => null,
    };

    static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        _ => 1,
    };
}
