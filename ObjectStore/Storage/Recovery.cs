using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace SdAspire.ObjectStore.Storage;

/// <summary>Rebuilds what is kept in memory from the files, and moves out of the way what is no object.</summary>
internal sealed class Recovery(StoreFolder folder, ILogger logger)
{
    public void SweepTemporary()
    {
        foreach (var entry in new DirectoryInfo(folder.Temporary).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo directory) directory.Delete(recursive: true);
            else entry.Delete();
        }
    }

    public StoredBucket? ReadBucket(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), StorageJson.Default.StoredBucket);
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            return null;
        }
    }

    public IReadOnlyList<LifecycleRule>? ReadLifecycle(string bucket, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), StorageJson.Default.StoredLifecycle)?.Rules;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            // Without rules nothing is deleted, which is the mistake that can be made good.
            SetAside(bucket, path, e.Message);
            return null;
        }
    }

    public IReadOnlyCollection<IndexEntry> ReadObjects(string bucket, string objects)
    {
        var entries = new ConcurrentBag<IndexEntry>();
        try
        {
            Parallel.ForEach(Directory.EnumerateFileSystemEntries(objects), path =>
            {
                try
                {
                    entries.Add(ReadObject(path));
                }
                catch (InvalidDataException e)
                {
                    SetAside(bucket, path, e.Message);
                }
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return entries;
    }

    static IndexEntry ReadObject(string path)
    {
        if (Directory.Exists(path)) throw new InvalidDataException("it is a folder");
        using var file = File.OpenHandle(path);
        var stored = ObjectFile.ReadMetadata(file);
        var key = new ObjectKey(stored.Key);
        if (key.FileName != Path.GetFileName(path)) throw new InvalidDataException("its name is not that of its key");
        return IndexEntry.Of(key, stored);
    }

    void SetAside(string bucket, string path, string reason)
    {
        var destination = Path.Combine(folder.SetAside, $"{bucket}.{Guid.CreateVersion7():N}.{Path.GetFileName(path)}");
        Directory.Move(path, destination);
        Log.SetAside(logger, path, destination, reason);
    }
}
