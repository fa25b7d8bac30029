using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace SdAspire.ObjectStore.Storage;

/// <summary>
/// A bucket's multipart uploads: a folder for each, a file for each part, all written aside and renamed as objects are. What
/// is on disk here is under no key: an object comes to be whole, when its parts have been put together in a file of its own.
/// </summary>
internal sealed class MultipartUploads(string folder, Bucket bucket, Func<string> newTemporaryPath, TimeProvider time)
{
    public const int MaxParts = 10_000;

    /// <summary>S3's least size of a part that is not the last.</summary>
    public const long MinPartBytes = 5 * 1024 * 1024;

    /// <summary>The file that describes an upload, beside its parts.</summary>
    public const string UploadFile = "upload.json";

    static readonly ObjectAttributes NoAttributes = new() { ContentType = "" };

    readonly ConcurrentDictionary<string, Upload> _uploads = new(StringComparer.Ordinal);

    /// <summary>The uploads of this moment in the order of their keys, the older one first where they have the same.</summary>
    public IReadOnlyList<Upload> All =>
        [.. _uploads.Values.Order(Comparer<Upload>.Create((x, y) => Compare(x.Key.Utf8, x.Id, y.Key.Utf8, y.Id)))];

    /// <summary>The order of a listing. Ids are in the order of time.</summary>
    public static int Compare(byte[] key, string id, byte[] otherKey, string otherId) =>
        key.AsSpan().SequenceCompareTo(otherKey) is not 0 and var order ? order : string.CompareOrdinal(id, otherId);

    public Upload? Find(ObjectKey key, string id) => _uploads.GetValueOrDefault(id) is { } upload && upload.Key.Text == key.Text
        ? upload
        : null;

    /// <summary>Takes over what the folder holds at the start.</summary>
    public void Load(IEnumerable<Upload> uploads)
    {
        foreach (var upload in uploads) _uploads[upload.Id] = upload;
    }

    public async Task<(WriteOutcome Outcome, string Id)> CreateAsync(
        ObjectKey key, ObjectAttributes attributes, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        var upload = new Upload(id, key, new(key.Text, time.GetUtcNow(), attributes), Path.Combine(folder, id));
        var temporary = newTemporaryPath();
        try
        {
            Directory.CreateDirectory(temporary);
            var content = JsonSerializer.SerializeToUtf8Bytes(upload.Stored, StorageJson.Default.StoredUpload);
            FileSystem.WriteDurably(Path.Combine(temporary, UploadFile), content);
            FileSystem.FlushDirectory(temporary);
            var outcome = await bucket.ChangeAsync(key, () =>
            {
                Directory.Move(temporary, upload.Folder);
                FileSystem.FlushDirectory(folder);
                _uploads[id] = upload;
            }, cancellationToken);
            return (outcome, id);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Stores a part, or replaces it.</summary>
    public async Task<(WriteOutcome Outcome, UploadPart? Part)> PutPartAsync(
        Upload upload, int number, Stream body, long length, CancellationToken cancellationToken)
    {
        var temporary = newTemporaryPath();
        try
        {
            var content = new ObjectContent(NoAttributes, body, length);
            var stored = await ObjectFile.WriteAsync(temporary, upload.Key, content, time, cancellationToken);
            var part = UploadPart.Of(number, stored);
            return (await ChangeAsync(upload, () => bucket.ChangeAsync(upload.Key, () =>
            {
                File.Move(temporary, upload.PathOf(number), overwrite: true);
                FileSystem.FlushDirectory(upload.Folder);
                upload.Parts = upload.Parts.SetItem(number, part);
            }, cancellationToken), cancellationToken), part);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Puts the named parts together under the upload's key; all other parts go with the upload.</summary>
    public async Task<(WriteOutcome Outcome, StoredObject? Stored)> CompleteAsync(
        Upload upload, IReadOnlyList<PartReference> named, WriteCondition condition, long maxBytes,
        CancellationToken cancellationToken)
    {
        StoredObject? stored = null;
        var outcome = await ChangeAsync(upload, async () =>
        {
            if (Refusal(upload, named, maxBytes) is { } refusal) return refusal;
            UploadPart[] parts = [.. named.Select(reference => upload.Parts[reference.Number])];
            using var body = new PartsStream(parts.Select(part => (upload.PathOf(part.Number), part.Size)));
            var content = new ObjectContent(upload.Stored.Attributes, body, parts.Sum(part => part.Size))
            {
                ETag = ETagOf(parts), UploadId = upload.Id,
            };
            (var written, stored) = await bucket.PutAsync(upload.Key, content, condition, cancellationToken);
            // The object is there and names its upload: what a crash leaves of that one is known at the next start.
            return written == WriteOutcome.Done ? await RemoveAsync(upload) : written;
        }, cancellationToken);
        return (outcome, stored);
    }

    /// <summary>Ends an upload and deletes its parts.</summary>
    public Task<WriteOutcome> AbortAsync(Upload upload, CancellationToken cancellationToken) =>
        ChangeAsync(upload, () => RemoveAsync(upload), cancellationToken);

    /// <summary>Ends an upload if nothing has come since the given time.</summary>
    public async Task<bool> TryAbandonAsync(Upload upload, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var abandoned = false;
        await ChangeAsync(upload, async () =>
        {
            abandoned = upload.LastActivity <= since;
            return abandoned ? await RemoveAsync(upload) : WriteOutcome.Done;
        }, cancellationToken);
        return abandoned;
    }

    /// <summary>S3's ETag of a multipart object: the MD5 of its parts' MD5s, and how many they are.</summary>
    static string ETagOf(UploadPart[] parts)
    {
        var hashes = parts.SelectMany(part => Convert.FromHexString(part.ETag)).ToArray();
        return $"{Convert.ToHexStringLower(MD5.HashData(hashes))}-{parts.Length}";
    }

    static WriteOutcome? Refusal(Upload upload, IReadOnlyList<PartReference> named, long maxBytes)
    {
        long size = 0;
        foreach (var (index, reference) in named.Index())
        {
            if (!upload.Parts.TryGetValue(reference.Number, out var part) || part.ETag != reference.ETag)
                return WriteOutcome.InvalidPart;
            if (index < named.Count - 1 && part.Size < MinPartBytes) return WriteOutcome.PartTooSmall;
            size += part.Size;
        }
        return size > maxBytes ? WriteOutcome.ObjectTooLarge : null;
    }

    // Lock order: an upload, then the key's stripe in the bucket.
    static async Task<WriteOutcome> ChangeAsync(
        Upload upload, Func<Task<WriteOutcome>> change, CancellationToken cancellationToken)
    {
        await upload.Changing.WaitAsync(cancellationToken);
        try
        {
            return upload.IsGone ? WriteOutcome.NoSuchUpload : await change();
        }
        finally
        {
            upload.Changing.Release();
        }
    }

    // Without a way to cancel: half of it would be worse than a client that does not wait for the answer.
    async Task<WriteOutcome> RemoveAsync(Upload upload)
    {
        var temporary = newTemporaryPath();
        var outcome = await bucket.ChangeAsync(upload.Key, () =>
        {
            Directory.Move(upload.Folder, temporary);
            upload.IsGone = true;
            _uploads.TryRemove(upload.Id, out _);
            FileSystem.FlushDirectory(folder);
        }, CancellationToken.None);
        if (outcome == WriteOutcome.Done) Directory.Delete(temporary, recursive: true);
        return outcome;
    }
}
