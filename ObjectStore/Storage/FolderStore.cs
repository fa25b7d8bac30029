using System.Collections.Concurrent;
using System.Text.Json;

namespace SdAspire.ObjectStore.Storage;

/// <summary>All buckets of a data folder.</summary>
internal sealed class FolderStore : IDisposable
{
    const string BucketFile = "bucket.json";
    const string LifecycleFile = "lifecycle.json";

    readonly StoreFolder _folder;
    readonly TimeProvider _time;
    readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    readonly SemaphoreSlim _changingBuckets = new(1);

    FolderStore(StoreFolder folder, TimeProvider time) => (_folder, _time) = (folder, time);

    /// <summary>The buckets in the order of their names.</summary>
    public IReadOnlyList<Bucket> Buckets => [.. _buckets.Values.OrderBy(bucket => bucket.Name, StringComparer.Ordinal)];

    /// <summary>Locks a data folder, recovers its indexes and sweeps what a crash left behind.</summary>
    /// <exception cref="StoreFolderException">The folder cannot be used.</exception>
    public static FolderStore Open(string dataPath, TimeProvider time, ILogger<FolderStore> logger)
    {
        var folder = StoreFolder.Open(dataPath);
        try
        {
            var store = new FolderStore(folder, time);
            foreach (var path in Directory.EnumerateDirectories(folder.Buckets)) store.Recover(path, logger);
            new Recovery(folder, logger).SweepTemporary();
            return store;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            folder.Dispose();
            throw new StoreFolderException($"data folder {dataPath} cannot be read: {e.Message}", e);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public Bucket? Find(string name) => _buckets.GetValueOrDefault(name);

    /// <summary>Creates a bucket; false when it is there already.</summary>
    public async Task<bool> TryCreateAsync(string name, CancellationToken cancellationToken)
    {
        await _changingBuckets.WaitAsync(cancellationToken);
        try
        {
            if (_buckets.ContainsKey(name)) return false;
            var created = new StoredBucket(_time.GetUtcNow());
            var temporary = _folder.NewTemporaryPath();
            Directory.CreateDirectory(Path.Combine(temporary, Bucket.ObjectsFolder));
            Directory.CreateDirectory(Path.Combine(temporary, Bucket.UploadsFolder));
            var content = JsonSerializer.SerializeToUtf8Bytes(created, StorageJson.Default.StoredBucket);
            FileSystem.WriteDurably(Path.Combine(temporary, BucketFile), content);
            FileSystem.FlushDirectory(temporary);
            Directory.Move(temporary, PathOf(name));
            _buckets[name] = NewBucket(name, created.Created);
            FileSystem.FlushDirectory(_folder.Buckets);
            return true;
        }
        finally
        {
            _changingBuckets.Release();
        }
    }

    /// <summary>Deletes a bucket; false when it holds objects.</summary>
    public async Task<bool> TryDeleteAsync(Bucket bucket, CancellationToken cancellationToken)
    {
        await _changingBuckets.WaitAsync(cancellationToken);
        try
        {
            // Moved away first: a bucket is there or not, also when the power goes in between.
            var temporary = _folder.NewTemporaryPath();
            void MoveAway() => Directory.Move(PathOf(bucket.Name), temporary);
            if (!await bucket.TryRetireAsync(MoveAway, cancellationToken)) return false;
            _buckets.TryRemove(bucket.Name, out _);
            FileSystem.FlushDirectory(_folder.Buckets);
            Directory.Delete(temporary, recursive: true);
            return true;
        }
        finally
        {
            _changingBuckets.Release();
        }
    }

    /// <summary>Replaces or, with null, removes what expires; false when the bucket is gone.</summary>
    public async Task<bool> TrySetLifecycleAsync(
        Bucket bucket, IReadOnlyList<LifecycleRule>? rules, CancellationToken cancellationToken)
    {
        await _changingBuckets.WaitAsync(cancellationToken);
        try
        {
            if (Find(bucket.Name) != bucket) return false;
            var path = Path.Combine(PathOf(bucket.Name), LifecycleFile);
            if (rules is null)
            {
                File.Delete(path);
            }
            else
            {
                var temporary = _folder.NewTemporaryPath();
                var content = JsonSerializer.SerializeToUtf8Bytes(new(rules), StorageJson.Default.StoredLifecycle);
                FileSystem.WriteDurably(temporary, content);
                File.Move(temporary, path, overwrite: true);
            }
            FileSystem.FlushDirectory(PathOf(bucket.Name));
            bucket.Lifecycle = rules;
            return true;
        }
        finally
        {
            _changingBuckets.Release();
        }
    }

    public void Dispose()
    {
        _changingBuckets.Dispose();
        _folder.Dispose();
    }

    void Recover(string path, ILogger<FolderStore> logger)
    {
        var name = Path.GetFileName(path);
        if (!BucketName.IsValid(name))
        {
            Log.NotABucket(logger, path);
            return;
        }
        var recovery = new Recovery(_folder, logger);
        var created = recovery.ReadBucket(Path.Combine(path, BucketFile))
            ?? new StoredBucket(Directory.GetCreationTimeUtc(path));
        var bucket = NewBucket(name, created.Created);
        var objects = Directory.CreateDirectory(Path.Combine(path, Bucket.ObjectsFolder)).FullName;
        var uploads = Directory.CreateDirectory(Path.Combine(path, Bucket.UploadsFolder)).FullName;
        bucket.Index.Load(recovery.ReadObjects(name, objects));
        bucket.Uploads.Load(recovery.ReadUploads(bucket, uploads));
        bucket.Lifecycle = recovery.ReadLifecycle(name, Path.Combine(path, LifecycleFile));
        _buckets[name] = bucket;
        Log.BucketRecovered(logger, name, bucket.Index.Count);
    }

    Bucket NewBucket(string name, DateTimeOffset created) =>
        new(name, created, PathOf(name), _folder.NewTemporaryPath, _time);

    string PathOf(string bucket) => Path.Combine(_folder.Buckets, bucket);
}
