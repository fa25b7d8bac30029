using System.Text.Json.Serialization;

namespace SdAspire.ObjectStore.Storage;

/// <summary>What a client says about an object beside its bytes.</summary>
internal sealed record ObjectAttributes
{
    public required string ContentType { get; init; }

    /// <summary>Cache-Control, Content-Disposition, Content-Encoding, Content-Language and Expires, as they were sent.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The <c>x-amz-meta-*</c> headers, without that prefix.</summary>
    public IReadOnlyDictionary<string, string> UserMetadata { get; init; } = new Dictionary<string, string>();
}

/// <summary>An object's metadata as its file carries it.</summary>
internal sealed record StoredObject
{
    public required string Key { get; init; }

    public required long Size { get; init; }

    /// <summary>
    /// MD5 of the bytes in lower-case hexadecimal, without quotes; of a multipart upload S3's hash of its parts' hashes.
    /// </summary>
    public required string ETag { get; init; }

    public required DateTimeOffset LastModified { get; init; }

    public required ObjectAttributes Attributes { get; init; }

    /// <summary>The multipart upload that the object was put together from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UploadId { get; init; }
}

/// <summary>What is to become an object or a part.</summary>
internal sealed record ObjectContent(ObjectAttributes Attributes, Stream Body, long Length)
{
    /// <summary>The ETag where it is another than the MD5 of the bytes.</summary>
    public string? ETag { get; init; }

    /// <inheritdoc cref="StoredObject.UploadId"/>
    public string? UploadId { get; init; }
}

/// <summary>A bucket's own metadata.</summary>
internal sealed record StoredBucket(DateTimeOffset Created);

/// <summary>Marks a folder as an object store's and says how it is laid out.</summary>
internal sealed record StoreFormat(int Version)
{
    public const int Current = 1;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredObject))]
[JsonSerializable(typeof(StoredBucket))]
[JsonSerializable(typeof(StoredUpload))]
[JsonSerializable(typeof(StoredLifecycle))]
[JsonSerializable(typeof(StoreFormat))]
internal sealed partial class StorageJson : JsonSerializerContext;
