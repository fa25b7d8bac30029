using Microsoft.Win32.SafeHandles;

namespace SdAspire.ObjectStore.Storage;

/// <summary>The bytes of several parts as one body. One file is open at a time: an upload may have ten thousand.</summary>
internal sealed class PartsStream(IEnumerable<(string Path, long Size)> parts) : ReadOnlyStream
{
    readonly IEnumerator<(string Path, long Size)> _parts = parts.GetEnumerator();
    SafeFileHandle? _file;
    FileSlice? _slice;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        while (true)
        {
            if (_slice is not null && await _slice.ReadAsync(buffer, cancellationToken) is > 0 and var read) return read;
            if (!_parts.MoveNext()) return 0;
            _file?.Dispose();
            _file = File.OpenHandle(_parts.Current.Path, options: FileOptions.Asynchronous | FileOptions.SequentialScan);
            _slice = new FileSlice(_file, 0, _parts.Current.Size);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        _parts.Dispose();
        base.Dispose(disposing);
    }
}
