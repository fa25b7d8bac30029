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

    public Task GetLifecycleAsync(S3Request request)
    {
        var rules = store.Existing(request).Lifecycle ?? throw S3Errors.NoSuchLifecycleConfiguration.AsException();
        return S3Xml.WriteAsync(
            request.Response, "LifecycleConfiguration", xml => LifecycleXml.Write(xml, rules), request.Aborted);
    }

    public async Task PutLifecycleAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        var rules = LifecycleXml.Parse(await RequestXml.ReadAsync(request, MaxConfigurationBytes));
        await SetLifecycleAsync(request, bucket, rules);
    }

    public async Task DeleteLifecycleAsync(S3Request request)
    {
        await SetLifecycleAsync(request, store.Existing(request), null);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    async Task SetLifecycleAsync(S3Request request, Bucket bucket, IReadOnlyList<LifecycleRule>? rules)
    {
        if (!await store.TrySetLifecycleAsync(bucket, rules, request.Aborted)) throw S3Errors.NoSuchBucket.AsException();
    }

    async Task CheckConfigurationAsync(S3Request request)
    {
        if (await RequestXml.ReadAsync(request, MaxConfigurationBytes) is not { } root) return;
        if (root.Name.LocalName != "CreateBucketConfiguration") throw S3Errors.MalformedXml.AsException();
        var location = root.Elements().FirstOrDefault(element => element.Name.LocalName == "LocationConstraint")?.Value;
        if (location is { Length: > 0 } && location != _region)
            throw S3Errors.InvalidLocationConstraint(_region).AsException();
    }
}
