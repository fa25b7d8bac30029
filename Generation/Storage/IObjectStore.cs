namespace SdAspire.Generation;

/// <summary>An object with its bytes; pictures and records are small enough to be held in memory.</summary>
public sealed record StoredObject(byte[] Content, string ContentType, string? ETag, DateTimeOffset LastModified);

/// <summary>
/// The bucket. Every method throws <see cref="StorageUnavailableException"/> if the storage does not do its part.
/// </summary>
public interface IObjectStore
{
    /// <summary>Writes an object.</summary>
    /// <param name="onlyIfAbsent">Leave an existing object as it is (If-None-Match: *).</param>
    /// <returns>False only if <paramref name="onlyIfAbsent"/> is set and the object was there already.</returns>
    Task<bool> PutAsync(
        string key, ReadOnlyMemory<byte> content, string contentType, bool onlyIfAbsent = false,
        CancellationToken cancellationToken = default);

    /// <returns>Null if there is no such object.</returns>
    Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default);

    Task<bool> ExistsAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Deletes an object; one that is not there is no error.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>The keys that begin with the prefix, in order.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>
    /// Has the storage delete by itself what has these prefixes and is older; rules of others stay as they are.
    /// </summary>
    /// <param name="days">0 to keep everything for ever again.</param>
    /// <returns>False if this storage cannot; with 0 days nothing is asked of it that it could not do.</returns>
    Task<bool> SetRetentionAsync(IReadOnlyList<string> prefixes, int days, CancellationToken cancellationToken = default);

    /// <summary>Makes the bucket if it is not there.</summary>
    Task EnsureBucketAsync(CancellationToken cancellationToken = default);

    /// <summary>Asks the storage for a sign of life.</summary>
    Task CheckAsync(CancellationToken cancellationToken = default);
}

/// <summary>The storage is away, refuses, or answers nonsense; the message says so in words.</summary>
public sealed class StorageUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
