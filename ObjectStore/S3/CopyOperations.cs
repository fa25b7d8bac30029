using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.S3;

/// <summary>Objects and parts that come from another object, without passing the client.</summary>
internal sealed class CopyOperations(FolderStore store)
{
    const string Directive = "x-amz-metadata-directive";

    public async Task CopyAsync(S3Request request)
    {
        var bucket = store.Existing(request);
        var key = request.Key();
        var headers = request.Http.Headers;
        HeaderRules.RefuseUnsupported(headers, CopySource.Headers);
        var condition = Preconditions.OfWrite(headers);
        var isReplacing = headers[Directive].ToString() switch
        {
            "" or "COPY" => false,
            "REPLACE" => true,
            var other => throw S3Errors.InvalidArgument(Directive, other, "Unknown metadata directive.").AsException(),
        };
        using var source = CopySource.Open(store, request);
        if (!isReplacing && source.Bucket == bucket && source.Key.Text == key.Text)
        {
            throw S3Errors.InvalidRequest(
                "This copy request is illegal: it copies an object to itself without changing its metadata.").AsException();
        }
        var from = source.Opened;
        var content = new ObjectContent(
            isReplacing ? HeaderRules.Attributes(headers) : from.Stored.Attributes,
            from.Read(0, from.Stored.Size), from.Stored.Size);
        var (outcome, stored) = await bucket.PutAsync(key, content, condition, request.Aborted);
        outcome.ThrowUnlessDone(request, condition);
        await AnswerAsync(request, "CopyObjectResult", stored!.ETag, stored.LastModified);
    }

    public async Task CopyPartAsync(S3Request request)
    {
        var (bucket, upload) = store.ExistingUpload(request);
        var number = MultipartOperations.PartNumber(request);
        HeaderRules.RefuseUnsupported(request.Http.Headers, CopySource.Headers);
        using var source = CopySource.Open(store, request);
        var range = source.Range(request);
        var (outcome, part) = await bucket.Uploads.PutPartAsync(
            upload, number, source.Opened.Read(range.Offset, range.Count), range.Count, request.Aborted);
        outcome.ThrowUnlessDone(request);
        await AnswerAsync(request, "CopyPartResult", part!.ETag, part.LastModified);
    }

    static Task AnswerAsync(S3Request request, string root, string etag, DateTimeOffset lastModified) =>
        S3Xml.WriteAsync(request.Response, root, xml =>
        {
            xml.WriteElementString("LastModified", S3Xml.Timestamp(lastModified));
            xml.WriteElementString("ETag", $"\"{etag}\"");
        }, request.Aborted);
}
