using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>The object that a request copies from, held open.</summary>
internal sealed class CopySource : IDisposable
{
    const string Header = "x-amz-copy-source";

    /// <summary>The headers that a copy has beside those of any write.</summary>
    public static readonly HashSet<string> Headers = new(StringComparer.OrdinalIgnoreCase)
    {
        Header, $"{Header}-if-match", $"{Header}-if-none-match", $"{Header}-if-modified-since",
        $"{Header}-if-unmodified-since", $"{Header}-range", "x-amz-metadata-directive",
    };

    CopySource(Bucket bucket, ObjectKey key, OpenedObject opened) => (Bucket, Key, Opened) = (bucket, key, opened);

    public Bucket Bucket { get; }

    public ObjectKey Key { get; }

    public OpenedObject Opened { get; }

    public static bool IsNamed(HttpRequest request) => request.Headers.ContainsKey(Header);

    /// <exception cref="S3Exception">There is no such object, or it is not as the request's conditions want it.</exception>
    public static CopySource Open(FolderStore store, S3Request request)
    {
        // Encoded as in a target, with or without the slash in front.
        var source = RawTarget.Parse("/" + request.Http.Headers[Header].ToString().TrimStart('/'));
        if (source.Query is [var parameter, ..]) throw S3Errors.NotImplemented($"The parameter {parameter.Name}").AsException();
        var (bucketName, keyText) = source.BucketAndKey();
        if (!BucketName.IsValid(bucketName) || keyText.Length == 0)
        {
            throw S3Errors.InvalidArgument(
                Header, request.Http.Headers[Header].ToString(), "Copy source must be BUCKET/KEY, URL-encoded").AsException();
        }
        var bucket = store.Existing(bucketName);
        var key = S3Request.KeyOf(keyText);
        var opened = bucket.Open(key) ?? throw (S3Errors.NoSuchKey with { Details = [("Key", keyText)] }).AsException();
        try
        {
            if (Preconditions.IsNotModified(request.Http.Headers, opened.Stored, $"{Header}-"))
                throw S3Errors.PreconditionFailed($"{Header}-If-None-Match").AsException();
            return new CopySource(bucket, key, opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The part that is copied, or all of it.</summary>
    /// <exception cref="S3Exception">InvalidArgument: other than for a read, nothing is ignored and nothing cut off.</exception>
    public ByteRange Range(S3Request request)
    {
        var size = Opened.Stored.Size;
        var header = request.Http.Headers[$"{Header}-range"].ToString();
        if (header.Length == 0) return new ByteRange(0, size);
        if (header.StartsWith("bytes=", StringComparison.Ordinal)
            && header["bytes=".Length..].Split('-') is [var first, var last]
            && long.TryParse(first, out var from) && long.TryParse(last, out var to)
            && from <= to && to < size)
            return new ByteRange(from, to - from + 1);
        throw S3Errors.InvalidArgument($"{Header}-range", header,
            "The x-amz-copy-source-range value must be of the form bytes=first-last, within the source").AsException();
    }

    public void Dispose() => Opened.Dispose();
}
