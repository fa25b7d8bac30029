using System.Globalization;
using Microsoft.Extensions.Time.Testing;

namespace SdAspire.ObjectStore.Tests;

/// <summary>The examples that AWS published with the specification ("Signature Calculations for the Authorization Header").</summary>
public sealed class SigV4VectorTests
{
    const string AccessKey = "AKIAIOSFODNN7EXAMPLE";
    const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const string Host = "examplebucket.s3.amazonaws.com";
    const string Timestamp = "20130524T000000Z";
    const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const string Welcome = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";

    public static TheoryData<string, string, string, string, string[], string> Examples => new()
    {
        { "GET", "/test.txt", "", Empty, ["range: bytes=0-9"], "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
        {
            "PUT", "/test%24file.text", "", Welcome, ["date: Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class: REDUCED_REDUNDANCY"],
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        },
        { "GET", "/", "lifecycle", Empty, [], "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
        { "GET", "/", "max-keys=2&prefix=J", Empty, [], "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_tests_own_signer_gives_the_published_signature(
        string method, string path, string query, string payload, string[] headers, string signature)
    {
        Authorization(method, path, query, payload, headers).ShouldEndWith("Signature=" + signature);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task The_server_accepts_the_published_signature_and_no_other(
        string method, string path, string query, string payload, string[] headers, string signature)
    {
        var time = new FakeTimeProvider(DateTimeOffset.ParseExact(
            Timestamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
        await using var server = await TestServer.StartAsync(time: time, settings: [("AccessKey", AccessKey), ("SecretKey", SecretKey)]);

        async Task<string?> SendAsync(string sentSignature)
        {
            using var message = new HttpRequestMessage(new HttpMethod(method), server.Url + path[1..] + (query == "" ? "" : "?" + query));
            message.Headers.Host = Host;
            if (method == "PUT") message.Content = new StringContent("Welcome to Amazon S3.");
            foreach (var (name, value) in All(payload, headers)) if (name != "host") message.Headers.TryAddWithoutValidation(name, value);
            message.Headers.TryAddWithoutValidation(
                "Authorization", Authorization(method, path, query, payload, headers).Replace(signature, sentSignature));
            using var response = await server.Http.SendAsync(message);
            var body = await response.Content.ReadAsByteArrayAsync();
            return new S3Response(response.StatusCode, body, new Dictionary<string, string> { ["content-type"] = "application/xml" }).Error;
        }

        // Past the signature the server, which knows no buckets in host names, misses the bucket or the feature.
        (await SendAsync(signature)).ShouldBeOneOf(null, "NoSuchBucket", "InvalidBucketName", "NotImplemented");
        (await SendAsync(new string('0', 64))).ShouldBe("SignatureDoesNotMatch");
    }

    static string Authorization(string method, string path, string query, string payload, string[] headers) =>
        new SigV4Signer(AccessKey, SecretKey, "us-east-1").Authorize(method, path, query, All(payload, headers), payload, Timestamp);

    static Dictionary<string, string> All(string payload, string[] headers)
    {
        var all = new Dictionary<string, string> { ["host"] = Host, ["x-amz-content-sha256"] = payload, ["x-amz-date"] = Timestamp };
        foreach (var header in headers) all[header.Split(": ", 2)[0]] = header.Split(": ", 2)[1];
        return all;
    }
}
