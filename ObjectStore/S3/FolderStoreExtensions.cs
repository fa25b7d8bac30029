using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>The store as a request sees it.</summary>
internal static class FolderStoreExtensions
{
    /// <summary>The bucket that a request names.</summary>
    /// <exception cref="S3Exception">NoSuchBucket.</exception>
    public static Bucket Existing(this FolderStore store, S3Request request) =>
        store.Find(request.BucketName)
        ?? throw (S3Errors.NoSuchBucket with { Details = [("BucketName", request.BucketName)] }).AsException();
}
