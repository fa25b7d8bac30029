using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
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

    /// <summary>
    /// The uploads under way. One whose object is there was completed, and only its folder had not been removed.
    /// </summary>
    public IEnumerable<Upload> ReadUploads(Bucket bucket, string uploads)
    {
        foreach (var path in Directory.GetFileSystemEntries(uploads))
        {
            var id = Path.GetFileName(path);
            if (ReadUpload(Path.Combine(path, MultipartUploads.UploadFile)) is not { } stored)
            {
                SetAside(bucket.Name, path, $"it has no readable {MultipartUploads.UploadFile}");
                continue;
            }
            var key = new ObjectKey(stored.Key);
            using (var opened = bucket.Open(key))
            {
                if (opened?.Stored.UploadId == id)
                {
                    // In one step out of the way: half of it would be no upload at the start after a crash here.
                    Directory.Move(path, folder.NewTemporaryPath());
                    continue;
                }
            }
            var parts = ReadParts(bucket.Name, path).ToImmutableSortedDictionary();
            yield return new Upload(id, key, stored, path) { Parts = parts };
        }
    }

    static StoredUpload? ReadUpload(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), StorageJson.Default.StoredUpload);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    IEnumerable<KeyValuePair<int, UploadPart>> ReadParts(string bucket, string folder)
    {
        var parts = new Dictionary<int, UploadPart>();
        foreach (var path in Directory.GetFileSystemEntries(folder))
        {
            var name = Path.GetFileName(path);
            if (name == MultipartUploads.UploadFile) continue;
            try
            {
                if (Directory.Exists(path)
                    || !int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    throw new InvalidDataException("it is no part");
                using var file = File.OpenHandle(path);
                parts[number] = UploadPart.Of(number, ObjectFile.ReadMetadata(file));
            }
            catch (InvalidDataException e)
            {
                SetAside(bucket, path, e.Message);
            }
        }
        return parts;
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
