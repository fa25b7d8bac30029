using Microsoft.Win32.SafeHandles;

namespace SdAspire.ObjectStore.Storage;

/// <summary>A part of an open file, which stays its owner's.</summary>
internal sealed class FileSlice(SafeFileHandle file, long offset, long count) : ReadOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length > count) buffer = buffer[..(int)count];
        if (buffer.IsEmpty) return 0;
        var read = await RandomAccess.ReadAsync(file, buffer, offset, cancellationToken);
        if (read == 0) throw new InvalidDataException("the file was cut while it was being read");
        offset += read;
        count -= read;
        return read;
    }
}
