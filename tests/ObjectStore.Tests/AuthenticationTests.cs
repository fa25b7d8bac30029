using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace SdAspire.ObjectStore.Tests;

/// <summary>Who is let in, and that nothing that was signed can be changed on the way.</summary>
public sealed class AuthenticationTests : IAsyncLifetime
{
    TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _server.S3.PutAsync("/images")).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.PutAsync("/images/secret", "content"u8.ToArray())).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.PutAsync("/images/other", "other"u8.ToArray())).Status.ShouldBe(HttpStatusCode.OK);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/images")]
    [InlineData("GET", "/images/secret")]
    [InlineData("HEAD", "/images/secret")]
    [InlineData("PUT", "/images/new")]
    [InlineData("DELETE", "/images/secret")]
    [InlineData("GET", "/no-such-bucket/key")]
    [InlineData("GET", "/../health/x")]
    public async Task Anonymous_is_refused(string method, string target)
    {
        var response = await SendAsync(new S3Request(method, target), message => message.Headers.Remove("Authorization"));

        response.Status.ShouldBe(HttpStatusCode.Forbidden);
        if (method != "HEAD") response.Error.ShouldBe("AccessDenied");
        await NothingHappenedAsync();
    }

    [Fact]
    public async Task A_wrong_secret_is_refused() =>
        await RefusedAsync("SignatureDoesNotMatch", _server.S3.With(secretKey2: "not the secret").GetAsync("/images/secret"));

    [Fact]
    public async Task An_unknown_account_is_refused() =>
        await RefusedAsync("InvalidAccessKeyId", _server.S3.With(accessKey2: "nobody").GetAsync("/images/secret"));

    [Fact]
    public async Task Another_region_is_refused_and_the_right_one_named()
    {
        var response = await _server.S3.With(region2: "eu-central-1").GetAsync("/images/secret");

        response.Error.ShouldBe("AuthorizationHeaderMalformed");
        response.Value("Message")!.ShouldContain("expecting 'us-east-1'");
        response.Value("Region").ShouldBe("us-east-1");
    }

    [Fact]
    public async Task A_changed_path_is_refused() => await RefusedAsync("SignatureDoesNotMatch", SendAsync(
        new S3Request("GET", "/images/other"), message => Retarget(message, "/images/secret")));

    [Theory]
    [InlineData("/images/%6Fther")]
    [InlineData("/images/./other")]
    [InlineData("/images/x/../other")]
    [InlineData("/images//other")]
    [InlineData("//images/other")]
    public async Task A_path_that_means_the_same_elsewhere_is_another_path(string target) =>
        await RefusedAsync("SignatureDoesNotMatch", SendAsync(new S3Request("GET", "/images/other"), message => Retarget(message, target)));

    [Fact]
    public async Task A_changed_query_is_refused()
    {
        await RefusedAsync("SignatureDoesNotMatch", SendAsync(
            new S3Request("GET", "/images?list-type=2&prefix=oth"), message => Retarget(message, "/images?list-type=2&prefix=sec")));
        await RefusedAsync("SignatureDoesNotMatch", SendAsync(
            new S3Request("GET", "/images?list-type=2"), message => Retarget(message, "/images?list-type=2&prefix=sec")));
        await RefusedAsync("SignatureDoesNotMatch", SendAsync(
            new S3Request("GET", "/images?list-type=2&prefix=x"), message => Retarget(message, "/images?list-type=2")));
    }

    [Fact]
    public async Task A_changed_method_is_refused() => await RefusedAsync("SignatureDoesNotMatch", SendAsync(
        new S3Request("GET", "/images/secret"), message => message.Method = HttpMethod.Delete));

    [Fact]
    public async Task A_changed_signed_header_is_refused()
    {
        var request = new S3Request("PUT", "/images/new") { Headers = { ["x-amz-meta-owner"] = "me" } };

        await RefusedAsync("SignatureDoesNotMatch", SendAsync(request, message => Replace(message, "x-amz-meta-owner", "you")));
        await RefusedAsync("SignatureDoesNotMatch", SendAsync(request, message => message.Headers.Remove("x-amz-meta-owner")));
        await RefusedAsync("SignatureDoesNotMatch", SendAsync(request, message => message.Headers.Host = "elsewhere:9000"));
        await RefusedAsync("SignatureDoesNotMatch", SendAsync(
            request, message => Replace(message, "x-amz-content-sha256", "UNSIGNED-PAYLOAD")));
    }

    [Fact]
    public async Task An_amz_header_that_is_not_signed_is_refused()
    {
        var request = new S3Request("PUT", "/images/new") { Unsigned = { ["x-amz-meta-owner"] = "you" } };

        var response = await SendAsync(request);

        response.Error.ShouldBe("AccessDenied");
        response.Value("HeadersNotSigned").ShouldBe("x-amz-meta-owner");
        await NothingHappenedAsync();
    }

    [Fact]
    public async Task A_signature_that_leaves_out_the_host_is_refused()
    {
        var timestamp = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'");
        var hash = SigV4Signer.Hex(System.Security.Cryptography.SHA256.HashData([]));
        var signed = new Dictionary<string, string> { ["x-amz-date"] = timestamp, ["x-amz-content-sha256"] = hash };
        using var message = new HttpRequestMessage(HttpMethod.Get, "/images/secret");
        foreach (var (name, value) in signed) message.Headers.Add(name, value);
        message.Headers.TryAddWithoutValidation("Authorization", new SigV4Signer(Account.AccessKey, Account.SecretKey, Account.Region)
            .Authorize("GET", "/images/secret", "", signed, hash, timestamp));

        using var response = await _server.Http.SendAsync(message);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).ShouldContain("<HeadersNotSigned>host</HeadersNotSigned>");
    }

    [Fact]
    public async Task A_changed_body_is_refused_and_not_stored()
    {
        var request = new S3Request("PUT", "/images/new") { Body = new byte[300_000] };
        var body = new byte[300_000];
        body[^1] = 1;

        var response = await SendAsync(request, message => message.Content = new ByteArrayContent(body));

        response.Status.ShouldBe(HttpStatusCode.BadRequest);
        response.Error.ShouldBe("XAmzContentSHA256Mismatch");
        await NothingHappenedAsync();
    }

    [Fact]
    public async Task A_body_may_be_left_unsigned()
    {
        var response = await SendAsync(new S3Request("PUT", "/images/unsigned") { Body = [1, 2, 3], PayloadHash = "UNSIGNED-PAYLOAD" });

        response.Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.GetAsync("/images/unsigned")).Body.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_body_needs_the_header_that_says_how_it_is_signed()
    {
        // Without the header a request is signed as one without a body, as MinIO reads it.
        var timestamp = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'");
        var signed = new Dictionary<string, string> { ["host"] = _server.Url.Authority, ["x-amz-date"] = timestamp };
        using var message = new HttpRequestMessage(HttpMethod.Put, "/images/new") { Content = new StringContent("smuggled") };
        message.Headers.Add("x-amz-date", timestamp);
        message.Headers.TryAddWithoutValidation("Authorization", new SigV4Signer(Account.AccessKey, Account.SecretKey, Account.Region)
            .Authorize("PUT", "/images/new", "", signed, SigV4Signer.Hex(System.Security.Cryptography.SHA256.HashData([])), timestamp));

        using var response = await _server.Http.SendAsync(message);

        (await response.Content.ReadAsStringAsync()).ShouldContain("<Code>XAmzContentSHA256Mismatch</Code>");
        await NothingHappenedAsync();
    }

    [Theory]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", 501, "NotImplemented")]
    [InlineData("0123", 400, "InvalidArgument")]
    public async Task Another_way_to_sign_a_body_is_refused(string payloadHash, int status, string code)
    {
        var response = await SendAsync(new S3Request("PUT", "/images/new") { Body = [1], PayloadHash = payloadHash });

        ((int)response.Status).ShouldBe(status);
        response.Error.ShouldBe(code);
        await NothingHappenedAsync();
    }

    [Theory]
    [InlineData(-16)]
    [InlineData(16)]
    [InlineData(60 * 24 * 365)]
    public async Task A_clock_that_is_wrong_by_more_than_a_quarter_of_an_hour_is_refused(int minutes)
    {
        var response = await SendAsync(new S3Request("GET", "/images/secret") { Date = DateTimeOffset.UtcNow.AddMinutes(minutes) });

        response.Status.ShouldBe(HttpStatusCode.Forbidden);
        response.Error.ShouldBe("RequestTimeTooSkewed");
        response.Value("MaxAllowedSkewMilliseconds").ShouldBe("900000");
    }

    [Fact]
    public async Task A_captured_request_is_worthless_after_a_quarter_of_an_hour()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await TestServer.StartAsync(time: time);
        var request = new S3Request("GET", "/") { Date = time.GetUtcNow() };
        (await server.S3.SendAsync(request)).Status.ShouldBe(HttpStatusCode.OK);

        time.Advance(TimeSpan.FromMinutes(14));
        (await server.S3.SendAsync(request)).Status.ShouldBe(HttpStatusCode.OK);
        time.Advance(TimeSpan.FromMinutes(2));
        (await server.S3.SendAsync(request)).Error.ShouldBe("RequestTimeTooSkewed");
    }

    [Theory]
    [InlineData("Basic dGVzdGVyOmEgc2VjcmV0IG9mIHRlc3Rz", "InvalidRequest")]
    [InlineData("AWS tester:frJIUN8DYpKDtOLCwo//yllqDzg=", "InvalidRequest")]
    [InlineData("AWS4-HMAC-SHA256", "InvalidRequest")]
    [InlineData("AWS4-HMAC-SHA256 ", "InvalidRequest")]
    [InlineData("AWS4-HMAC-SHA256 Credential=tester", "AuthorizationHeaderMalformed")]
    [InlineData("AWS4-HMAC-SHA256 Credential=tester/20260101/us-east-1/s3/aws4_request,SignedHeaders=host", "AuthorizationHeaderMalformed")]
    [InlineData("AWS4-HMAC-SHA256 Credential=tester/20260101/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=xyz", "AuthorizationHeaderMalformed")]
    [InlineData("AWS4-HMAC-SHA256 Credential=tester/20260101/us-east-1/ec2/aws4_request,SignedHeaders=host,Signature=0000000000000000000000000000000000000000000000000000000000000000", "AuthorizationHeaderMalformed")]
    public async Task A_malformed_authorization_is_refused(string authorization, string code)
    {
        var response = await SendAsync(new S3Request("GET", "/images/secret"), message =>
        {
            message.Headers.Remove("Authorization");
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        });

        response.Status.ShouldBe(HttpStatusCode.BadRequest);
        response.Error.ShouldBe(code);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/minio/health/live")]
    [InlineData("/minio/health/ready")]
    public async Task Health_needs_no_key(string path)
    {
        (await _server.Http.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var head = new HttpRequestMessage(HttpMethod.Head, path);
        (await _server.Http.SendAsync(head)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_error_has_the_form_and_the_request_id_of_S3()
    {
        var response = await _server.S3.GetAsync("/images/missing");

        response.Headers["content-type"].ShouldBe("application/xml");
        response.Value("Code").ShouldBe("NoSuchKey");
        response.Value("Key").ShouldBe("missing");
        response.Value("Resource").ShouldBe("/images/missing");
        response.Value("RequestId").ShouldBe(response.Headers["x-amz-request-id"]);
        Encoding.UTF8.GetString(response.Body).ShouldStartWith("<?xml");
    }

    Task<S3Response> SendAsync(S3Request request, Action<HttpRequestMessage>? tamper = null) => _server.S3.SendAsync(request, tamper);

    async Task RefusedAsync(string code, Task<S3Response> sending)
    {
        var response = await sending;
        response.Status.ShouldBe(HttpStatusCode.Forbidden);
        response.Error.ShouldBe(code);
        await NothingHappenedAsync();
    }

    async Task NothingHappenedAsync()
    {
        (await _server.S3.GetAsync("/images?list-type=2")).Values("Contents", "Key").ShouldBe(["other", "secret"]);
        Directory.GetFileSystemEntries(Path.Combine(_server.DataPath, "tmp")).ShouldBeEmpty();
    }

    static void Retarget(HttpRequestMessage message, string target) => message.RequestUri = new Uri(
        message.RequestUri!.GetLeftPart(UriPartial.Authority) + target,
        new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    static void Replace(HttpRequestMessage message, string name, string value)
    {
        message.Headers.Remove(name);
        message.Headers.Add(name, value);
    }
}
