using System.Xml;
using System.Xml.Linq;
using Microsoft.Extensions.Options;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>The operations on buckets as a whole.</summary>
internal sealed class BucketOperations(
    FolderStore store, IOptions<ObjectStoreOptions> options, ILogger<BucketOperations> logger)
{
    const int MaxConfigurationBytes = 64 * 1024;
    const string DefaultRegion = "us-east-1";

    readonly string _region = options.Value.Region;

    public Task ListBucketsAsync(S3Request request) =>
        S3Xml.WriteAsync(request.Response, "ListAllMyBucketsResult", xml =>
        {
            ListObjectsXml.WriteOwner(xml);
            xml.WriteStartElement("Buckets");
            foreach (var bucket in store.Buckets)
            {
                xml.WriteStartElement("Bucket");
                xml.WriteElementString("Name", bucket.Name);
                xml.WriteElementString("CreationDate", S3Xml.Timestamp(bucket.Created));
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }, request.Aborted);

    public Task LocationAsync(S3Request request)
    {
        store.Existing(request);
        // S3 writes its first region as nothing.
        var location = _region == DefaultRegion ? "" : _region;
        return S3Xml.WriteAsync(request.Response, "LocationConstraint", xml => xml.WriteString(location), request.Aborted);
    }

    public Task ListObjectsAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        var listing = ListObjectsRequest.Parse(request.Target);
        var page = bucket.Index.List(listing.Query);
        return S3Xml.WriteAsync(request.Response, "ListBucketResult",
            xml => ListObjectsXml.Write(xml, bucket.Name, listing, page), request.Aborted);
    }

    public Task HeadAsync(S3Request request)
    {
        store.Existing(request);
        request.Response.Headers["x-amz-bucket-region"] = _region;
        return Task.CompletedTask;
    }

    public async Task CreateAsync(S3Request request)
    {
        HeaderRules.RefuseUnsupported(request.Http.Headers);
        await CheckConfigurationAsync(request);
        if (!await store.TryCreateAsync(request.BucketName, request.Aborted))
            throw S3Errors.BucketAlreadyOwnedByYou.AsException();
        Log.BucketCreated(logger, request.BucketName);
        request.Response.Headers.Location = "/" + request.BucketName;
    }

    public async Task DeleteAsync(S3Request request)
    {
        if (!await store.TryDeleteAsync(store.Existing(request), request.Aborted))
            throw S3Errors.BucketNotEmpty.AsException();
        Log.BucketDeleted(logger, request.BucketName);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    async Task CheckConfigurationAsync(S3Request request)
    {
        if (request.Http.ContentLength > MaxConfigurationBytes)
            throw S3Errors.EntityTooLarge(request.Http.ContentLength.Value, MaxConfigurationBytes).AsException();
        using var verified = new VerifiedBody(request.Http, request.Payload);
        var body = new byte[MaxConfigurationBytes + 1];
        var length = await verified.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, request.Aborted);
        if (length == 0) return;
        if (length > MaxConfigurationBytes) throw S3Errors.EntityTooLarge(length, MaxConfigurationBytes).AsException();
        if (LocationIn(body.AsSpan(0, length).ToArray()) is { Length: > 0 } location && location != _region)
            throw S3Errors.InvalidLocationConstraint(_region).AsException();
    }

    static string? LocationIn(byte[] body)
    {
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit };
            using var reader = XmlReader.Create(new MemoryStream(body), settings);
            var root = XDocument.Load(reader).Root!;
            if (root.Name.LocalName != "CreateBucketConfiguration") throw S3Errors.MalformedXml.AsException();
            return root.Elements().FirstOrDefault(element => element.Name.LocalName == "LocationConstraint")?.Value;
        }
        catch (XmlException)
        {
            throw S3Errors.MalformedXml.AsException();
        }
    }
}
