using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>An authenticated request, taken apart.</summary>
internal sealed record S3Request(
    HttpContext Context, RawTarget Target, SignedPayload Payload, string BucketName, string KeyText)
{
    public HttpRequest Http => Context.Request;

    public HttpResponse Response => Context.Response;

    public CancellationToken Aborted => Context.RequestAborted;

    /// <exception cref="S3Exception">KeyTooLongError, or InvalidURI for a key that is a path out of the bucket.</exception>
    public ObjectKey Key() => KeyOf(KeyText);

    /// <inheritdoc cref="Key"/>
    public static ObjectKey KeyOf(string text)
    {
        var key = new ObjectKey(text);
        if (key.Utf8.Length > ObjectKey.MaxBytes)
            throw S3Errors.KeyTooLong(key.Utf8.Length, ObjectKey.MaxBytes).AsException();
        // Harmless here, where a key is never a path; but clients and proxies resolve such a path and miss the object.
        if (text.Split('/').Any(segment => segment is "." or ".."))
            throw S3Errors.InvalidUri("A key must not have '.' or '..' between its slashes.").AsException();
        return key;
    }
}
