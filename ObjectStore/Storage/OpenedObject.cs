using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;

namespace SdAspire.ObjectStore.Storage;

/// <summary>An object held open: metadata and bytes of one write, even when its key is overwritten meanwhile.</summary>
internal sealed class OpenedObject(SafeFileHandle file, StoredObject stored) : IDisposable
{
    const int BufferSize = 128 * 1024;

    public StoredObject Stored => stored;

    /// <summary>A part of the bytes as a stream, which ends with this.</summary>
    public Stream Read(long offset, long count) => new FileSlice(file, offset, count);

    /// <summary>Copies a part of the bytes.</summary>
    public async Task CopyToAsync(PipeWriter writer, long offset, long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            var memory = writer.GetMemory(BufferSize);
            if (memory.Length > count) memory = memory[..(int)count];
            var read = await RandomAccess.ReadAsync(file, memory, offset, cancellationToken);
            if (read == 0) throw new InvalidDataException($"the file of {stored.Key} was cut while it was being read");
            writer.Advance(read);
            offset += read;
            count -= read;
            var flushed = await writer.FlushAsync(cancellationToken);
            if (flushed.IsCompleted || flushed.IsCanceled) return;
        }
    }

    public void Dispose() => file.Dispose();
}
