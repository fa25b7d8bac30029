using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SdAspire.ObjectStore.Storage;

/// <summary>What the base library lacks to make a rename survive a power cut.</summary>
internal static partial class FileSystem
{
    const int ReadOnly = 0;
    const int CloseOnExec = 0x80000;

    /// <summary>Flushes a directory's entries to disk: a new or renamed file is durable only after this.</summary>
    public static void FlushDirectory(string path)
    {
        // Elsewhere a directory cannot be flushed, or the file system does it with the rename.
        if (!OperatingSystem.IsLinux()) return;
        var descriptor = Open(path, ReadOnly | CloseOnExec);
        if (descriptor < 0) throw new IOException($"cannot open {path}", new Win32Exception(Marshal.GetLastPInvokeError()));
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Writes a small file that is complete and on disk, or not there.</summary>
    public static void WriteDurably(string path, ReadOnlySpan<byte> content)
    {
        using var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        RandomAccess.Write(handle, content, 0);
        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
