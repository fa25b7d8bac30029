using System.Text.Json;

namespace SdAspire.ObjectStore.Storage;

/// <summary>The data folder cannot be used; the message is one line for the operator.</summary>
internal sealed class StoreFolderException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The layout of a data folder, and the lock that makes this process its only user.</summary>
internal sealed class StoreFolder : IDisposable
{
    const string MarkerName = "objectstore.json";

    readonly FileStream _lock;

    StoreFolder(string path, FileStream marker)
    {
        _lock = marker;
        Buckets = Directory.CreateDirectory(Path.Combine(path, "buckets")).FullName;
        Temporary = Directory.CreateDirectory(Path.Combine(path, "tmp")).FullName;
        SetAside = Directory.CreateDirectory(Path.Combine(path, "set-aside")).FullName;
    }

    /// <summary>One folder per bucket.</summary>
    public string Buckets { get; }

    /// <summary>What is being written. Worthless after a restart.</summary>
    public string Temporary { get; }

    /// <summary>What was found in a bucket and is not an object.</summary>
    public string SetAside { get; }

    /// <exception cref="StoreFolderException">The folder is in use, is not a store's, or cannot be written.</exception>
    public static StoreFolder Open(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            CreateOwn(path);
            RefuseForeign(path);
            var marker = Lock(Path.Combine(path, MarkerName), path);
            try
            {
                CheckFormat(marker, path);
                var folder = new StoreFolder(path, marker);
                FileSystem.FlushDirectory(path);
                return folder;
            }
            catch
            {
                marker.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreFolderException($"data folder {path} cannot be used: {e.Message}", e);
        }
    }

    public string NewTemporaryPath() => Path.Combine(Temporary, Guid.CreateVersion7().ToString("N"));

    public void Dispose() => _lock.Dispose();

    // What is stored is for those who have the keys, not for every user of the machine.
    static void CreateOwn(string path)
    {
        if (Directory.Exists(path)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Path.GetDirectoryName(path) is { } parent) FileSystem.FlushDirectory(parent);
    }

    // Temporary files are swept at start, so somebody else's folder must never be taken for ours.
    static void RefuseForeign(string path)
    {
        if (File.Exists(Path.Combine(path, MarkerName))) return;
        if (Directory.EnumerateFileSystemEntries(path).Any(entry => Path.GetFileName(entry) != "lost+found"))
            throw new StoreFolderException(
                $"data folder {path} is not empty and holds no {MarkerName}: it is not an object store's");
    }

    static FileStream Lock(string marker, string path)
    {
        try
        {
            return new FileStream(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(marker))
        {
            throw new StoreFolderException($"data folder {path} is in use by another process", e);
        }
    }

    static void CheckFormat(FileStream marker, string path)
    {
        // Empty: created here, or by a start that was killed before it wrote anything else.
        if (marker.Length == 0)
        {
            var current = new StoreFormat(StoreFormat.Current);
            marker.Write(JsonSerializer.SerializeToUtf8Bytes(current, StorageJson.Default.StoreFormat));
            marker.Flush(flushToDisk: true);
            return;
        }
        StoreFormat? format;
        try
        {
            format = JsonSerializer.Deserialize(marker, StorageJson.Default.StoreFormat);
        }
        catch (JsonException e)
        {
            throw new StoreFolderException($"{MarkerName} in data folder {path} cannot be read", e);
        }
        if (format?.Version != StoreFormat.Current)
            throw new StoreFolderException(
                $"data folder {path} has format {format?.Version}; this version reads {StoreFormat.Current}");
    }
}
