using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace SdAspire.ObjectStore.Storage;

/// <summary>
/// The file format of an object: its bytes, its metadata as JSON, and a trailer of fixed size. The trailer comes last, so a
/// file that was cut off anywhere has none, and metadata and bytes can never come from two different writes.
/// </summary>
internal static class ObjectFile
{
    // data length (8), metadata length (4), reserved (4), SHA-256 of metadata and of the 16 bytes before (32), magic (8)
    const int LengthsSize = 16;
    const int TrailerSize = LengthsSize + SHA256.HashSizeInBytes + 8;
    // Far above what the headers of a request can become as JSON.
    const int MaxMetadata = 1024 * 1024;
    const int BufferSize = 128 * 1024;

    static ReadOnlySpan<byte> Magic => "SDOBJ\0\0\x01"u8;

    /// <summary>Writes a whole object to a new file and flushes it to disk.</summary>
    public static async Task<StoredObject> WriteAsync(
        string path, ObjectKey key, ObjectContent content, TimeProvider time, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            // The space is claimed first: a full disk is found before the transfer, not in its middle.
            using var file = File.OpenHandle(
                path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, content.Length);
            using var md5 = content.ETag is null ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
            long written = 0;
            int read;
            while ((read = await content.Body.ReadAtLeastAsync(buffer, buffer.Length, false, cancellationToken)) > 0)
            {
                md5?.AppendData(buffer, 0, read);
                await RandomAccess.WriteAsync(file, buffer.AsMemory(0, read), written, cancellationToken);
                written += read;
            }
            if (written != content.Length)
                throw new EndOfStreamException($"{written} bytes came where {content.Length} were announced");

            var stored = new StoredObject
            {
                Key = key.Text,
                Size = written,
                ETag = content.ETag ?? Convert.ToHexStringLower(md5!.GetHashAndReset()),
                LastModified = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
                Attributes = content.Attributes,
                UploadId = content.UploadId,
            };
            await RandomAccess.WriteAsync(file, Tail(stored), written, cancellationToken);
            RandomAccess.FlushToDisk(file);
            return stored;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads an object's metadata.</summary>
    /// <exception cref="InvalidDataException">The file is torn or is not an object; the message says how.</exception>
    public static StoredObject ReadMetadata(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        if (length < TrailerSize) throw new InvalidDataException("too short for a trailer");
        Span<byte> trailer = stackalloc byte[TrailerSize];
        ReadExactly(file, trailer, length - TrailerSize);
        if (!trailer[^Magic.Length..].SequenceEqual(Magic)) throw new InvalidDataException("no trailer at its end");

        var dataLength = BinaryPrimitives.ReadInt64LittleEndian(trailer);
        var metadataLength = BinaryPrimitives.ReadInt32LittleEndian(trailer[8..]);
        if (dataLength < 0
            || metadataLength is < 0 or > MaxMetadata
            || dataLength + metadataLength + TrailerSize != length)
            throw new InvalidDataException("its length is not the one its trailer states");

        var metadata = new byte[metadataLength];
        ReadExactly(file, metadata, dataLength);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(metadata, trailer[..LengthsSize], hash);
        if (!hash.SequenceEqual(trailer.Slice(LengthsSize, hash.Length)))
            throw new InvalidDataException("its metadata is damaged");
        try
        {
            var stored = JsonSerializer.Deserialize(metadata, StorageJson.Default.StoredObject);
            if (stored?.Size == dataLength) return stored;
        }
        catch (JsonException)
        {
        }
        throw new InvalidDataException("its metadata cannot be read");
    }

    static byte[] Tail(StoredObject stored)
    {
        var metadata = JsonSerializer.SerializeToUtf8Bytes(stored, StorageJson.Default.StoredObject);
        var tail = new byte[metadata.Length + TrailerSize];
        metadata.CopyTo(tail, 0);
        var trailer = tail.AsSpan(metadata.Length);
        BinaryPrimitives.WriteInt64LittleEndian(trailer, stored.Size);
        BinaryPrimitives.WriteInt32LittleEndian(trailer[8..], metadata.Length);
        Hash(metadata, trailer[..LengthsSize], trailer[LengthsSize..]);
        Magic.CopyTo(trailer[^Magic.Length..]);
        return tail;
    }

    static void Hash(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> lengths, Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(metadata);
        hash.AppendData(lengths);
        hash.GetHashAndReset(destination);
    }

    static void ReadExactly(SafeFileHandle file, Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(file, destination, offset);
            if (read == 0) throw new InvalidDataException("it ends too early");
            destination = destination[read..];
            offset += read;
        }
    }
}
