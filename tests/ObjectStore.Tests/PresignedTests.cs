using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Minio;
using Minio.DataModel.Args;

namespace SdAspire.ObjectStore.Tests;

/// <summary>URLs that let their bearer do one thing for a while.</summary>
public sealed class PresignedTests : IAsyncLifetime
{
    readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(time: _time);
        await _server.S3.PutAsync("/images");
        await _server.S3.PutAsync("/images/secret", "content"u8.ToArray(), ("Content-Type", "text/plain"));
        await _server.S3.PutAsync("/images/other", "other"u8.ToArray());
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("secret")]
    [InlineData("a b+c/hjärta ❤%.png")]
    public async Task What_the_MinIO_SDK_signs_any_client_can_put_and_get(string key)
    {
        using var minio = _server.Minio();
        var put = await minio.PresignedPutObjectAsync(new PresignedPutObjectArgs().WithBucket("images").WithObject(key).WithExpiry(60));
        var get = await minio.PresignedGetObjectAsync(new PresignedGetObjectArgs().WithBucket("images").WithObject(key).WithExpiry(60));

        var stored = await SendAsync(HttpMethod.Put, put, [1, 2, 3]);
        var read = await SendAsync(HttpMethod.Get, get);

        stored.Status.ShouldBe(HttpStatusCode.OK);
        stored.Headers["etag"].ShouldBe($"\"{Convert.ToHexStringLower(MD5.HashData([1, 2, 3]))}\"");
        read.Status.ShouldBe(HttpStatusCode.OK);
        read.Body.ShouldBe([1, 2, 3]);
        (await _server.S3.GetAsync("/images?list-type=2")).Values("Contents", "Key").ShouldContain(key);
    }

    [Fact]
    public async Task Ranges_conditions_and_other_operations_work_as_signed()
    {
        var ranged = await SendAsync(HttpMethod.Get, Url("GET", "/images/secret"), null, ("Range", "bytes=1-3"));
        var unchanged = await SendAsync(HttpMethod.Get, Url("GET", "/images/secret"), null, ("If-None-Match", ranged.Headers["etag"]));
        var listed = await SendAsync(HttpMethod.Get, Url("GET", "/images?list-type=2&prefix=s"));

        ranged.Body.ShouldBe("ont"u8.ToArray());
        unchanged.Status.ShouldBe(HttpStatusCode.NotModified);
        listed.Values("Contents", "Key").ShouldBe(["secret"]);
        (await SendAsync(HttpMethod.Head, Url("HEAD", "/images/secret"))).Headers["content-length"].ShouldBe("7");
        (await SendAsync(HttpMethod.Delete, Url("DELETE", "/images/other"))).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("HEAD")]
    [InlineData("POST")]
    public async Task A_URL_for_GET_is_for_nothing_else(string method)
    {
        var response = await SendAsync(new HttpMethod(method), Url("GET", "/images/secret"), method is "PUT" or "POST" ? [1] : null);

        response.Status.ShouldBe(HttpStatusCode.Forbidden);
        if (method != "HEAD") response.Error.ShouldBe("SignatureDoesNotMatch");
        await NothingHappenedAsync();
    }

    [Fact]
    public async Task A_URL_for_PUT_does_not_GET()
    {
        (await SendAsync(HttpMethod.Get, Url("PUT", "/images/secret"))).Error.ShouldBe("SignatureDoesNotMatch");
        await NothingHappenedAsync();
    }

    public static TheoryData<string, string> Tamperings => new()
    {
        { "/images/secret", "/images/other" }, { "/images/secret", "/images/secret/" }, { "/images/secret", "/images/%73ecret" },
        { "/images/secret", "//images/secret" }, { "/images/secret", "/images" }, { "/images/secret", "/" },
        { "X-Amz-Expires=60", "X-Amz-Expires=61" }, { "X-Amz-Expires=60", "X-Amz-Expires=604800" },
        { "X-Amz-Expires=60", "X-Amz-Expires=99999999" }, { "X-Amz-Expires=60", "X-Amz-Expires=0" },
        { "X-Amz-Expires=60", "X-Amz-Expires=-1" }, { "X-Amz-Expires=60", "X-Amz-Expires=" }, { "&X-Amz-Expires=60", "" },
        { "&X-Amz-Expires=60", "&X-Amz-Expires=60&X-Amz-Expires=604800" },
        { "X-Amz-Date=20", "X-Amz-Date=21" }, { "X-Amz-Date=20", "X-Amz-Date=x" }, { "X-Amz-Credential=tester", "X-Amz-Credential=root" },
        { "%2Fus-east-1%2F", "%2Feu-west-1%2F" }, { "%2Fs3%2F", "%2Fiam%2F" }, { "%2Faws4_request", "" },
        { "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=" }, { "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Brange" },
        { "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=date" }, { "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1" },
        { "X-Amz-Signature=", "X-Amz-Signature=0" }, { "&X-Amz-Signature=", "&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD&X-Amz-Signature=" },
        { "&X-Amz-Signature=", "&Signature=" }, { "X-Amz-Signature=", "x-amz-signature=" },
        { "&X-Amz-Signature=", "&response-content-type=text%2Fhtml&X-Amz-Signature=" }, { "&X-Amz-Signature=", "&list-type=2&X-Amz-Signature=" },
    };

    [Theory]
    [MemberData(nameof(Tamperings))]
    public async Task A_URL_that_was_changed_is_worthless(string signed, string changed)
    {
        var url = Url("GET", "/images/secret");
        url.ShouldContain(signed);

        var response = await SendAsync(HttpMethod.Get, url.Replace(signed, changed));

        response.Status.ShouldBe(HttpStatusCode.Forbidden);
        System.Text.Encoding.UTF8.GetString(response.Body).ShouldNotContain("content");
    }

    [Fact]
    public async Task Every_digit_of_the_signature_counts()
    {
        var url = Url("GET", "/images/secret");
        for (var at = url.Length - 64; at < url.Length; at += 7)
        {
            var changed = url[..at] + (url[at] == '0' ? '1' : '0') + url[(at + 1)..];
            (await SendAsync(HttpMethod.Get, changed)).Error.ShouldBe("SignatureDoesNotMatch");
        }
    }

    [Theory]
    [InlineData("x-amz-meta-owner", "you")]
    [InlineData("x-amz-copy-source", "/images/secret")]
    [InlineData("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]
    public async Task An_amz_header_that_is_not_signed_is_refused(string name, string value)
    {
        var response = await SendAsync(HttpMethod.Put, Url("PUT", "/images/new"), [1], (name, value));

        response.Status.ShouldBe(HttpStatusCode.Forbidden);
        response.Value("HeadersNotSigned").ShouldBe(name);
        await NothingHappenedAsync();
    }

    [Fact]
    public async Task A_signed_hash_is_held_against_the_body()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData([1]));
        var url = Url("PUT", "/images/new", headers: ("x-amz-content-sha256", hash), payloadHash: hash);

        (await SendAsync(HttpMethod.Put, url, [2], ("x-amz-content-sha256", hash))).Error.ShouldBe("XAmzContentSHA256Mismatch");
        (await SendAsync(HttpMethod.Put, url, [1], ("x-amz-content-sha256", new string('0', 64)))).Error.ShouldBe("SignatureDoesNotMatch");
        (await SendAsync(HttpMethod.Put, url, [1])).Status.ShouldBe(HttpStatusCode.Forbidden);
        await NothingHappenedAsync();
        (await SendAsync(HttpMethod.Put, url, [1], ("x-amz-content-sha256", hash))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task It_ends_after_its_seconds()
    {
        var (minute, week) = (Url("GET", "/images/secret", 60), Url("GET", "/images/secret", 604_800));
        (await SendAsync(HttpMethod.Get, minute)).Status.ShouldBe(HttpStatusCode.OK);

        _time.Advance(TimeSpan.FromSeconds(62));

        var expired = await SendAsync(HttpMethod.Get, minute);
        expired.Status.ShouldBe(HttpStatusCode.Forbidden);
        expired.Error.ShouldBe("AccessDenied");
        expired.Value("Message").ShouldBe("Request has expired.");
        expired.Values("Expires").ShouldHaveSingleItem();
        _time.Advance(TimeSpan.FromDays(6.9));
        (await SendAsync(HttpMethod.Get, week)).Status.ShouldBe(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromDays(0.2));
        (await SendAsync(HttpMethod.Get, week)).Error.ShouldBe("AccessDenied");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(604_801)]
    public async Task Other_lifetimes_are_refused_even_when_signed(int seconds)
    {
        var response = await SendAsync(HttpMethod.Get, Url("GET", "/images/secret", seconds));

        response.Status.ShouldBe(HttpStatusCode.Forbidden);
        response.Error.ShouldBe("AuthorizationQueryParametersError");
    }

    [Theory]
    [InlineData(14, HttpStatusCode.OK)]
    [InlineData(16, HttpStatusCode.Forbidden)]
    [InlineData(60 * 24 * 365, HttpStatusCode.Forbidden)]
    public async Task One_from_the_future_is_taken_within_a_quarter_of_an_hour(int minutes, HttpStatusCode status) =>
        (await SendAsync(HttpMethod.Get, Url("GET", "/images/secret", date: _time.GetUtcNow().AddMinutes(minutes)))).Status.ShouldBe(status);

    [Fact]
    public async Task Two_signatures_are_one_too_many()
    {
        var response = await SendAsync(HttpMethod.Get, Url("GET", "/images/secret"), null, ("Authorization", "AWS4-HMAC-SHA256 x"));

        response.Error.ShouldBe("InvalidArgument");
    }

    [Fact]
    public async Task A_header_in_the_query_is_not_dropped_in_silence()
    {
        (await SendAsync(HttpMethod.Put, Url("PUT", "/images/new?x-amz-copy-source=%2Fimages%2Fsecret"), [])).Error.ShouldBe("NotImplemented");
        await NothingHappenedAsync();
    }

    string Url(
        string method, string target, int seconds = 60, DateTimeOffset? date = null, string payloadHash = "UNSIGNED-PAYLOAD",
        params (string Name, string Value)[] headers)
    {
        var timestamp = (date ?? _time.GetUtcNow()).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var signed = headers.Append(("host", _server.Url.Authority)).ToDictionary();
        var parts = target.Split('?', 2);
        return _server.Url.GetLeftPart(UriPartial.Authority) + parts[0] + "?" + new SigV4Signer(Account.AccessKey, Account.SecretKey, Account.Region)
            .Presign(method, parts[0], parts.ElementAtOrDefault(1) ?? "", signed, payloadHash, timestamp, seconds);
    }

    async Task<S3Response> SendAsync(HttpMethod method, string url, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        using var message = new HttpRequestMessage(
            method, new Uri(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body is not null) message.Content = new ByteArrayContent(body);
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        return await S3Client.SendAsync(_server.Http, message);
    }

    async Task NothingHappenedAsync()
    {
        (await _server.S3.GetAsync("/images?list-type=2")).Values("Contents", "Key").ShouldBe(["other", "secret"]);
        (await _server.S3.GetAsync("/images/secret")).Body.ShouldBe("content"u8.ToArray());
    }
}
