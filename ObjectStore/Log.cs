namespace SdAspire.ObjectStore;

/// <summary>Every message this server logs. None carries a header, a signature or a credential.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "bucket {Bucket}: {Count} objects")]
    public static partial void BucketRecovered(ILogger logger, string bucket, int count);

    [LoggerMessage(2, LogLevel.Warning, "{Path} is no object, {Reason}: set aside as {Destination}")]
    public static partial void SetAside(ILogger logger, string path, string destination, string reason);

    [LoggerMessage(3, LogLevel.Information, "bucket {Bucket} created")]
    public static partial void BucketCreated(ILogger logger, string bucket);

    [LoggerMessage(4, LogLevel.Information, "bucket {Bucket} deleted")]
    public static partial void BucketDeleted(ILogger logger, string bucket);

    [LoggerMessage(5, LogLevel.Information, "{Method} refused for {Client}: {Code}")]
    public static partial void Refused(ILogger logger, string method, System.Net.IPAddress? client, string code);

    [LoggerMessage(6, LogLevel.Error, "{Method} failed, request {RequestId}")]
    public static partial void Failed(ILogger logger, Exception exception, string method, string requestId);

    [LoggerMessage(8, LogLevel.Information, "bucket {Bucket}: {Count} objects have expired and are deleted")]
    public static partial void Expired(ILogger logger, string bucket, int count);

    [LoggerMessage(9, LogLevel.Error, "bucket {Bucket}: what has expired or was abandoned cannot be deleted: {Reason}")]
    public static partial void NotSwept(ILogger logger, string bucket, string reason);

    [LoggerMessage(10, LogLevel.Information, "bucket {Bucket}: {Count} uploads were abandoned and are deleted")]
    public static partial void Abandoned(ILogger logger, string bucket, int count);

    [LoggerMessage(7, LogLevel.Warning, "{Path} is no bucket: left alone")]
    public static partial void NotABucket(ILogger logger, string path);
}
