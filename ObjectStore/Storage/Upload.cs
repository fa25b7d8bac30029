using System.Collections.Immutable;
using System.Globalization;

namespace SdAspire.ObjectStore.Storage;

/// <summary>A multipart upload as its folder carries it: what the object will be, once its parts are put together.</summary>
internal sealed record StoredUpload(string Key, DateTimeOffset Initiated, ObjectAttributes Attributes);

/// <summary>A part that has arrived.</summary>
internal sealed record UploadPart(int Number, long Size, string ETag, DateTimeOffset LastModified)
{
    public static UploadPart Of(int number, StoredObject stored) => new(number, stored.Size, stored.ETag, stored.LastModified);
}

/// <summary>A part as the client names it when it completes an upload.</summary>
internal readonly record struct PartReference(int Number, string ETag);

/// <summary>A multipart upload under way. Its parts change one at a time, under <see cref="Changing"/>.</summary>
internal sealed class Upload(string id, ObjectKey key, StoredUpload stored, string folder)
{
    volatile ImmutableSortedDictionary<int, UploadPart> _parts = ImmutableSortedDictionary<int, UploadPart>.Empty;
    volatile bool _gone;

    public string Id => id;

    public ObjectKey Key => key;

    public StoredUpload Stored => stored;

    public string Folder => folder;

    public SemaphoreSlim Changing { get; } = new(1);

    /// <summary>Completed, aborted or swept.</summary>
    public bool IsGone
    {
        get => _gone;
        set => _gone = value;
    }

    /// <summary>The parts of this moment by their numbers.</summary>
    public ImmutableSortedDictionary<int, UploadPart> Parts
    {
        get => _parts;
        set => _parts = value;
    }

    /// <summary>When the client was last heard of.</summary>
    public DateTimeOffset LastActivity => _parts.Values.Select(part => part.LastModified).Append(stored.Initiated).Max();

    public string PathOf(int part) => Path.Combine(folder, part.ToString("D5", CultureInfo.InvariantCulture));
}
