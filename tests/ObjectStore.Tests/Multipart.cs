using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace SdAspire.ObjectStore.Tests;

/// <summary>A multipart upload by hand.</summary>
sealed class Multipart
{
    readonly S3Client _s3;
    readonly string _key;
    readonly ConcurrentDictionary<int, string> _etags;

    Multipart(S3Client s3, string key, string id, ConcurrentDictionary<int, string> etags) =>
        (_s3, _key, Id, _etags) = (s3, key, id, etags);

    public string Id { get; }

    public static async Task<Multipart> CreateAsync(S3Client s3, string key, params (string Name, string Value)[] headers)
    {
        var request = new S3Request("POST", $"{key}?uploads");
        foreach (var (name, value) in headers) request.Headers[name] = value;
        var response = await s3.SendAsync(request);
        response.Status.ShouldBe(HttpStatusCode.OK);
        return new Multipart(s3, key, response.Value("UploadId")!, []);
    }

    /// <summary>The same upload, after the server has come back.</summary>
    public Multipart On(S3Client s3) => new(s3, _key, Id, _etags);

    public async Task PutAsync(int number, byte[] part)
    {
        var response = await _s3.PutAsync($"{_key}?partNumber={number}&uploadId={Id}", part);
        response.Status.ShouldBe(HttpStatusCode.OK);
        _etags[number] = response.Headers["etag"];
    }

    /// <summary>A part that comes from another object, or from a range of one.</summary>
    public async Task CopyAsync(int number, string source, string? range = null)
    {
        List<(string, string)> headers = [("x-amz-copy-source", source)];
        if (range is not null) headers.Add(("x-amz-copy-source-range", range));
        var response = await _s3.PutAsync($"{_key}?partNumber={number}&uploadId={Id}", null, [.. headers]);
        response.Status.ShouldBe(HttpStatusCode.OK);
        _etags[number] = response.Value("ETag")!;
    }

    public Task<S3Response> AbortAsync() => _s3.DeleteAsync($"{_key}?uploadId={Id}");

    /// <summary>Completes with the named parts, or with all.</summary>
    public Task<S3Response> CompleteAsync(params int[] numbers) => SendCompleteAsync(Parts(numbers));

    public Task<S3Response> CompleteIfAsync(string condition, string value) => SendCompleteAsync(Parts([]), (condition, value));

    public Task<S3Response> SendCompleteAsync(string parts, params (string Name, string Value)[] headers)
    {
        var body = $"<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{parts}</CompleteMultipartUpload>";
        var request = new S3Request("POST", $"{_key}?uploadId={Id}") { Body = Encoding.UTF8.GetBytes(body) };
        foreach (var (name, value) in headers) request.Headers[name] = value;
        return _s3.SendAsync(request);
    }

    string Parts(int[] numbers) => string.Concat((numbers.Length > 0 ? numbers : [.. _etags.Keys.Order()]).Select(number =>
        $"<Part><PartNumber>{number}</PartNumber><ETag>{_etags.GetValueOrDefault(number, "\"none\"")}</ETag></Part>"));
}
