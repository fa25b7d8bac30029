namespace SdAspire.ObjectStore.Storage;

/// <summary>One bucket: a folder of object files and the index over them.</summary>
internal sealed class Bucket
{
    /// <summary>The folder of object files in a bucket's own.</summary>
    public const string ObjectsFolder = "objects";

    /// <summary>The folder of multipart uploads.</summary>
    public const string UploadsFolder = "uploads";

    // Writes of different keys seldom wait for each other; writes of one key always do.
    const int Stripes = 32;

    readonly string _objects;
    readonly Func<string> _newTemporaryPath;
    readonly TimeProvider _time;
    readonly SemaphoreSlim[] _commits = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1))];
    volatile bool _deleted;
    volatile IReadOnlyList<LifecycleRule>? _lifecycle;

    public Bucket(string name, DateTimeOffset created, string folder, Func<string> newTemporaryPath, TimeProvider time)
    {
        (Name, Created, _newTemporaryPath, _time) = (name, created, newTemporaryPath, time);
        _objects = Path.Combine(folder, ObjectsFolder);
        Uploads = new MultipartUploads(Path.Combine(folder, UploadsFolder), this, newTemporaryPath, time);
    }

    public string Name { get; }

    public DateTimeOffset Created { get; }

    public ObjectIndex Index { get; } = new();

    public MultipartUploads Uploads { get; }

    /// <summary>What expires, or null.</summary>
    public IReadOnlyList<LifecycleRule>? Lifecycle
    {
        get => _lifecycle;
        set => _lifecycle = value;
    }

    /// <summary>
    /// Stores an object. The bytes are written aside while they arrive; only a complete and flushed file takes the key's
    /// name. An exception from the body, at its end too, leaves the bucket as it was.
    /// </summary>
    public async Task<(WriteOutcome Outcome, StoredObject? Stored)> PutAsync(
        ObjectKey key, ObjectContent content, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition.Refusal(Index.Find(key)) is { } early) return (early, null);
        var temporary = _newTemporaryPath();
        try
        {
            var stored = await ObjectFile.WriteAsync(temporary, key, content, _time, cancellationToken);
            var outcome = await CommitAsync(key, condition, () =>
            {
                File.Move(temporary, PathOf(key), overwrite: true);
                Index.Set(IndexEntry.Of(key, stored));
            }, cancellationToken);
            return (outcome, stored);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Removes an object; one that is not there counts as removed.</summary>
    public Task<WriteOutcome> DeleteAsync(ObjectKey key, WriteCondition condition, CancellationToken cancellationToken) =>
        CommitAsync(key, condition, () => Delete(key), cancellationToken);

    /// <summary>Removes an object if it is still one that has expired when nobody else can write it.</summary>
    public async Task<bool> TryExpireAsync(ObjectKey key, Func<IndexEntry, bool> isExpired, CancellationToken cancellationToken)
    {
        var expired = false;
        await CommitAsync(key, WriteCondition.None, () =>
        {
            expired = Index.Find(key) is { } entry && isExpired(entry);
            if (expired) Delete(key);
        }, cancellationToken);
        return expired;
    }

    /// <summary>Opens an object for reading, or null when the key is free.</summary>
    public OpenedObject? Open(ObjectKey key)
    {
        if (Index.Find(key) is null) return null;
        try
        {
            // No file lock: a reader must never be in the way of an overwrite.
            var file = File.OpenHandle(
                PathOf(key), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            try
            {
                return new OpenedObject(file, ObjectFile.ReadMetadata(file));
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && Index.Find(key) is null)
        {
            // Deleted since it was looked up.
            return null;
        }
    }

    /// <summary>Runs <paramref name="remove"/> if the bucket is empty, with all writes held back.</summary>
    public async Task<bool> TryRetireAsync(Action remove, CancellationToken cancellationToken)
    {
        var held = 0;
        try
        {
            for (; held < Stripes; held++) await _commits[held].WaitAsync(cancellationToken);
            if (_deleted || !Index.IsEmpty) return false;
            remove();
            _deleted = true;
            return true;
        }
        finally
        {
            while (held > 0) _commits[--held].Release();
        }
    }

    /// <summary>Runs a change that belongs to a key while nobody else writes that key or removes the bucket.</summary>
    public Task<WriteOutcome> ChangeAsync(ObjectKey key, Action change, CancellationToken cancellationToken) =>
        ExclusiveAsync(key, () =>
        {
            change();
            return WriteOutcome.Done;
        }, cancellationToken);

    Task<WriteOutcome> CommitAsync(
        ObjectKey key, WriteCondition condition, Action commit, CancellationToken cancellationToken) =>
        ExclusiveAsync(key, () =>
        {
            if (condition.Refusal(Index.Find(key)) is { } refusal) return refusal;
            commit();
            FileSystem.FlushDirectory(_objects);
            return WriteOutcome.Done;
        }, cancellationToken);

    async Task<WriteOutcome> ExclusiveAsync(ObjectKey key, Func<WriteOutcome> change, CancellationToken cancellationToken)
    {
        var stripe = _commits[key.Utf8.Aggregate(17, (hash, b) => hash * 31 + b) & (Stripes - 1)];
        await stripe.WaitAsync(cancellationToken);
        try
        {
            return _deleted ? WriteOutcome.NoSuchBucket : change();
        }
        finally
        {
            stripe.Release();
        }
    }

    void Delete(ObjectKey key)
    {
        // In this order, or a reader would find an entry without a file.
        var entry = Index.Find(key);
        Index.Remove(key);
        try
        {
            File.Delete(PathOf(key));
        }
        catch when (entry is not null)
        {
            Index.Set(entry);
            throw;
        }
    }

    string PathOf(ObjectKey key) => Path.Combine(_objects, key.FileName);
}
