using System.Globalization;
using System.Xml.Linq;
using Microsoft.Extensions.Options;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>Multipart uploads: an object that comes in parts.</summary>
internal sealed class MultipartOperations(FolderStore store, IOptions<ObjectStoreOptions> options)
{
    // Ten thousand parts with what clients say about each.
    const int MaxCompleteBytes = 4 * 1024 * 1024;

    readonly long _maxObjectBytes = options.Value.MaxObjectBytes;

    public async Task CreateAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        var key = request.Key();
        HeaderRules.RefuseUnsupported(request.Http.Headers);
        var (outcome, id) = await bucket.Uploads.CreateAsync(key, HeaderRules.Attributes(request.Http.Headers), request.Aborted);
        outcome.ThrowUnlessDone(request);
        await S3Xml.WriteAsync(request.Response, "InitiateMultipartUploadResult", xml =>
        {
            xml.WriteElementString("Bucket", bucket.Name);
            xml.WriteElementString("Key", key.Text);
            xml.WriteElementString("UploadId", id);
        }, request.Aborted);
    }

    public async Task PutPartAsync(S3Request request)
    {
        var (bucket, upload) = store.ExistingUpload(request);
        var number = PartNumber(request);
        HeaderRules.RefuseUnsupported(request.Http.Headers);
        var length = request.Http.ContentLength ?? throw S3Errors.MissingContentLength.AsException();
        if (length > _maxObjectBytes) throw S3Errors.EntityTooLarge(length, _maxObjectBytes).AsException();
        using var body = new VerifiedBody(request.Http, request.Payload);
        var (outcome, part) = await bucket.Uploads.PutPartAsync(upload, number, body, length, request.Aborted);
        outcome.ThrowUnlessDone(request);
        request.Response.Headers.ETag = $"\"{part!.ETag}\"";
    }

    public async Task CompleteAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        var key = request.Key();
        HeaderRules.RefuseUnsupported(request.Http.Headers);
        var condition = Preconditions.OfWrite(request.Http.Headers);
        var parts = Parts(await RequestXml.ReadAsync(request, MaxCompleteBytes));
        var id = request.Target["uploadId"]!;
        var (outcome, stored) = bucket.Uploads.Find(key, id) is { } upload
            ? await bucket.Uploads.CompleteAsync(upload, parts, condition, _maxObjectBytes, request.Aborted)
            : (WriteOutcome.NoSuchUpload, null);
        var etag = outcome == WriteOutcome.NoSuchUpload ? CompletedBefore(bucket, key, id) : stored?.ETag;
        if (etag is null) outcome.ThrowUnlessDone(request, condition);
        await S3Xml.WriteAsync(request.Response, "CompleteMultipartUploadResult", xml =>
        {
            xml.WriteElementString("Location", $"{request.Http.Scheme}://{request.Http.Host}{request.Target.Path}");
            xml.WriteElementString("Bucket", bucket.Name);
            xml.WriteElementString("Key", key.Text);
            xml.WriteElementString("ETag", $"\"{etag}\"");
        }, request.Aborted);
    }

    public async Task AbortAsync(S3Request request)
    {
        var (bucket, upload) = store.ExistingUpload(request);
        (await bucket.Uploads.AbortAsync(upload, request.Aborted)).ThrowUnlessDone(request);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public Task ListPartsAsync(S3Request request)
    {
        var (bucket, upload) = store.ExistingUpload(request);
        var listing = new PageRequest(request.Target, "max-parts");
        var after = PageRequest.Number(request.Target, "part-number-marker", 0);
        return S3Xml.WriteAsync(request.Response, "ListPartsResult",
            xml => UploadsXml.WriteParts(xml, bucket.Name, upload, after, listing), request.Aborted);
    }

    public Task ListUploadsAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        var query = UploadsQuery.Parse(request.Target);
        var page = UploadsPage.Of(bucket.Uploads.All, query);
        return S3Xml.WriteAsync(request.Response, "ListMultipartUploadsResult",
            xml => UploadsXml.Write(xml, bucket.Name, query, page), request.Aborted);
    }

    // A client that did not get the answer asks again, and is told what it missed.
    static string? CompletedBefore(Bucket bucket, ObjectKey key, string id)
    {
        using var opened = bucket.Open(key);
        return opened?.Stored is { } stored && stored.UploadId == id ? stored.ETag : null;
    }

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static int PartNumber(S3Request request)
    {
        var text = request.Target["partNumber"] ?? "";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= MultipartUploads.MaxParts
            ? number
            : throw S3Errors.InvalidArgument("partNumber", text,
                $"Part number must be an integer between 1 and {MultipartUploads.MaxParts}, inclusive").AsException();
    }

    static IReadOnlyList<PartReference> Parts(XElement? root)
    {
        if (root is not { Name.LocalName: "CompleteMultipartUpload" }) throw S3Errors.MalformedXml.AsException();
        PartReference[] parts = [.. root.Elements().Select(Part)];
        if (parts.Length is 0 or > MultipartUploads.MaxParts) throw S3Errors.MalformedXml.AsException();
        return parts.Zip(parts.Skip(1)).All(pair => pair.First.Number < pair.Second.Number)
            ? parts
            : throw S3Errors.InvalidPartOrder.AsException();
    }

    static PartReference Part(XElement element) =>
        element.Name.LocalName == "Part"
        && int.TryParse(element.Text("PartNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && element.Text("ETag") is { } etag
            ? new PartReference(number, Preconditions.Unquoted(etag.Trim()))
            : throw S3Errors.MalformedXml.AsException();
}
