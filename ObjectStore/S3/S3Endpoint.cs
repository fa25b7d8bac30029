using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>Everything under <c>/</c>: authenticates a request, finds its operation and answers in S3's form.</summary>
internal sealed class S3Endpoint(
    SigV4Authenticator authenticator, BucketOperations buckets, ObjectOperations objects, MultipartOperations uploads,
    CopyOperations copies, ILogger<S3Endpoint> logger)
{
    const string PartNumber = "partNumber";

    // Parameters that name an operation of this server.
    static readonly string[] Operations = ["delete", "lifecycle", "location", "uploadId", "uploads"];

    // Parameters of S3 that name another operation or change this one. Unknown ones are ignored, as S3 does.
    static readonly HashSet<string> OtherOperations = new(StringComparer.Ordinal)
    {
        "accelerate", "acl", "analytics", "attributes", "cors", "encryption", "intelligent-tiering", "inventory",
        "legal-hold", "logging", "metadataTable", "metrics", "notification", "object-lock", "ownershipControls",
        "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication", "requestPayment",
        "response-cache-control", "response-content-disposition", "response-content-encoding",
        "response-content-language", "response-content-type", "response-expires", "restore", "retention", "select",
        "session", "tagging", "torrent", "versionId", "versioning", "versions", "website",
    };

    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["x-amz-request-id"] = context.TraceIdentifier;
        try
        {
            await OperateAsync(context);
        }
        catch (Exception e) when (e is ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone, and with it whoever could read an answer.
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            // Half an object must not look like a whole one.
            Log.Failed(logger, e, context.Request.Method, context.TraceIdentifier);
            context.Abort();
        }
        catch (Exception e)
        {
            var error = ErrorOf(e);
            var method = context.Request.Method;
            if (error == S3Errors.InternalError) Log.Failed(logger, e, method, context.TraceIdentifier);
            else if (error.Status is 403) Log.Refused(logger, method, context.Connection.RemoteIpAddress, error.Code);
            context.Response.Clear();
            context.Response.Headers["x-amz-request-id"] = context.TraceIdentifier;
            await S3Xml.WriteErrorAsync(context, error);
        }
    }

    static S3Error ErrorOf(Exception exception) => exception switch
    {
        S3Exception s3 => s3.Error,
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => S3Errors.RequestTimeout,
        BadHttpRequestException => S3Errors.IncompleteBody,
        _ => S3Errors.InternalError,
    };

    Task OperateAsync(HttpContext context)
    {
        var target = RawTarget.Parse(RawTarget.Of(context));
        var payload = authenticator.Authenticate(context.Request, target);
        var (bucket, key) = target.BucketAndKey();
        var request = new S3Request(context, target, payload, bucket, key);

        if (bucket.Length > 0 && !BucketName.IsValid(bucket)) throw S3Errors.InvalidBucketName.AsException();
        var operation = Operations.FirstOrDefault(name => target[name] is not null);
        if (target.Query.FirstOrDefault(parameter => OtherOperations.Contains(parameter.Name)).Name is { } other)
            throw S3Errors.NotImplemented($"The parameter {other}").AsException();
        if (target[PartNumber] is not null && operation != "uploadId")
            throw S3Errors.NotImplemented($"The parameter {PartNumber}").AsException();
        // By the bucket and not by the object: a span's name is one of few.
        if (bucket.Length > 0 && Activity.Current is { IsAllDataRequested: true } span)
            span.DisplayName = $"{context.Request.Method} {bucket}";

        var level = bucket.Length == 0 ? Level.Service : key.Length == 0 ? Level.Bucket : Level.Object;
        var isCopy = CopySource.IsNamed(context.Request);
        return (level, context.Request.Method, operation) switch
        {
            (Level.Service, "GET", null) => Named("ListBuckets", buckets.ListBucketsAsync(request)),
            (Level.Bucket, "GET", null) => Named("ListObjects", buckets.ListObjectsAsync(request)),
            (Level.Bucket, "HEAD", null) => Named("HeadBucket", buckets.HeadAsync(request)),
            (Level.Bucket, "PUT", null) => Named("CreateBucket", buckets.CreateAsync(request)),
            (Level.Bucket, "DELETE", null) => Named("DeleteBucket", buckets.DeleteAsync(request)),
            (Level.Bucket, "GET", "location") => Named("GetBucketLocation", buckets.LocationAsync(request)),
            (Level.Bucket, "GET", "lifecycle") => Named("GetBucketLifecycle", buckets.GetLifecycleAsync(request)),
            (Level.Bucket, "PUT", "lifecycle") => Named("PutBucketLifecycle", buckets.PutLifecycleAsync(request)),
            (Level.Bucket, "DELETE", "lifecycle") => Named("DeleteBucketLifecycle", buckets.DeleteLifecycleAsync(request)),
            (Level.Bucket, "GET", "uploads") => Named("ListMultipartUploads", uploads.ListUploadsAsync(request)),
            (Level.Bucket, "POST", "delete") => Named("DeleteObjects", objects.DeleteManyAsync(request)),
            (Level.Object, "GET", null) => Named("GetObject", objects.GetAsync(request)),
            (Level.Object, "HEAD", null) => Named("HeadObject", objects.GetAsync(request)),
            (Level.Object, "PUT", null) when isCopy => Named("CopyObject", copies.CopyAsync(request)),
            (Level.Object, "PUT", null) => Named("PutObject", objects.PutAsync(request)),
            (Level.Object, "DELETE", null) => Named("DeleteObject", objects.DeleteAsync(request)),
            (Level.Object, "POST", "uploads") => Named("CreateMultipartUpload", uploads.CreateAsync(request)),
            (Level.Object, "PUT", "uploadId") when isCopy => Named("UploadPartCopy", copies.CopyPartAsync(request)),
            (Level.Object, "PUT", "uploadId") => Named("UploadPart", uploads.PutPartAsync(request)),
            (Level.Object, "POST", "uploadId") => Named("CompleteMultipartUpload", uploads.CompleteAsync(request)),
            (Level.Object, "DELETE", "uploadId") => Named("AbortMultipartUpload", uploads.AbortAsync(request)),
            (Level.Object, "GET", "uploadId") => Named("ListParts", uploads.ListPartsAsync(request)),
            (_, _, null) => throw S3Errors.MethodNotAllowed.AsException(),
            _ => throw S3Errors.NotImplemented($"The parameter {operation}").AsException(),
        };
    }

    static Task Named(string operation, Task running)
    {
        Activity.Current?.SetTag("rpc.method", operation);
        return running;
    }

    enum Level
    {
        Service,
        Bucket,
        Object,
    }
}
