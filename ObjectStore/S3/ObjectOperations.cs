using System.Globalization;
using Microsoft.Extensions.Options;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>The operations on single objects.</summary>
internal sealed class ObjectOperations(FolderStore store, IOptions<ObjectStoreOptions> options)
{
    // A thousand of the longest keys, every byte as a character reference.
    const int MaxDeleteBytes = 8 * 1024 * 1024;

    readonly long _maxObjectBytes = options.Value.MaxObjectBytes;

    public async Task PutAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        var key = request.Key();
        var headers = request.Http.Headers;
        HeaderRules.RefuseUnsupported(headers);
        var length = request.Http.ContentLength ?? throw S3Errors.MissingContentLength.AsException();
        if (length > _maxObjectBytes) throw S3Errors.EntityTooLarge(length, _maxObjectBytes).AsException();
        var condition = Preconditions.OfWrite(headers);
        var attributes = HeaderRules.Attributes(headers);

        using var body = new VerifiedBody(request.Http, request.Payload);
        var (outcome, stored) = await bucket.PutAsync(
            key, new ObjectContent(attributes, body, length), condition, request.Aborted);
        outcome.ThrowUnlessDone(request, condition);
        request.Response.Headers.ETag = $"\"{stored!.ETag}\"";
    }

    public async Task DeleteAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        var condition = Preconditions.OfWrite(request.Http.Headers);
        var outcome = await bucket.DeleteAsync(request.Key(), condition, request.Aborted);
        outcome.ThrowUnlessDone(request, condition);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task DeleteManyAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        if (!VerifiedBody.IsAnnounced(request.Http))
        {
            throw S3Errors.InvalidRequest(
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*").AsException();
        }
        var (keys, isQuiet) = DeleteObjectsXml.Parse(await RequestXml.ReadAsync(request, MaxDeleteBytes));
        var deleted = new List<DeletedKey>(keys.Count);
        foreach (var key in keys) deleted.Add(new DeletedKey(key.Key, await DeleteAsync(bucket, key, request.Aborted)));
        await S3Xml.WriteAsync(
            request.Response, "DeleteResult", xml => DeleteObjectsXml.Write(xml, deleted, isQuiet), request.Aborted);
    }

    /// <summary>GET and HEAD, which differ in the body only.</summary>
    public async Task GetAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        using var opened = bucket.Open(request.Key()) ?? throw NoSuchKey(request);
        var (stored, response) = (opened.Stored, request.Response);

        var notModified = Preconditions.IsNotModified(request.Http.Headers, stored);
        response.Headers.ETag = $"\"{stored.ETag}\"";
        response.Headers.LastModified = stored.LastModified.ToString("R", CultureInfo.InvariantCulture);
        if (notModified)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        HeaderRules.Apply(stored, response.Headers);
        response.Headers.AcceptRanges = "bytes";
        var range = Preconditions.RangeApplies(request.Http.Headers, stored)
            ? ByteRange.Parse(request.Http.Headers.Range, stored.Size)
            : null;
        var (offset, count) = range is { } part ? (part.Offset, part.Count) : (0, stored.Size);
        if (range is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {offset}-{offset + count - 1}/{stored.Size}";
        }
        response.ContentLength = count;
        if (HttpMethods.IsHead(request.Http.Method)) return;
        await opened.CopyToAsync(response.BodyWriter, offset, count, request.Aborted);
    }

    static async Task<S3Error?> DeleteAsync(Bucket bucket, KeyToDelete key, CancellationToken cancellationToken)
    {
        try
        {
            var condition = key.ETag is { } etag
                ? WriteCondition.KeyHas(Preconditions.Unquoted(etag.Trim()))
                : WriteCondition.None;
            var outcome = await bucket.DeleteAsync(S3Request.KeyOf(key.Key), condition, cancellationToken);
            return outcome.Error(key.Key, condition);
        }
        catch (S3Exception e)
        {
            return e.Error;
        }
    }

    static S3Exception NoSuchKey(S3Request request) =>
        (S3Errors.NoSuchKey with { Details = [("Key", request.KeyText)] }).AsException();
}
