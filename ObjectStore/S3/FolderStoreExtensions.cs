using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>The store as a request sees it.</summary>
internal static class FolderStoreExtensions
{
    /// <summary>The bucket that a request names.</summary>
    /// <exception cref="S3Exception">NoSuchBucket.</exception>
    public static Bucket Existing(this FolderStore store, S3Request request) => store.Existing(request.BucketName);

    /// <exception cref="S3Exception">NoSuchBucket.</exception>
    public static Bucket Existing(this FolderStore store, string name) =>
        store.Find(name) ?? throw (S3Errors.NoSuchBucket with { Details = [("BucketName", name)] }).AsException();

    /// <summary>The multipart upload that a request names.</summary>
    /// <exception cref="S3Exception">NoSuchBucket or NoSuchUpload.</exception>
    public static (Bucket Bucket, Upload Upload) ExistingUpload(this FolderStore store, S3Request request)
    {
        var bucket = store.Existing(request);
        var upload = bucket.Uploads.Find(request.Key(), request.Target["uploadId"]!);
        return (bucket, upload ?? throw S3Errors.NoSuchUpload.AsException());
    }
}
