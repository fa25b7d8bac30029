using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace SdAspire.ObjectStore.Tests;

/// <summary>Objects and buckets over raw HTTP: what a client sends is what it gets, and what is wrong has S3's name.</summary>
public sealed class ObjectTests : IAsyncLifetime
{
    static readonly byte[] Ten = "0123456789"u8.ToArray();
    static readonly string TenETag = $"\"{Convert.ToHexStringLower(MD5.HashData(Ten))}\"";

    TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(settings: ("MaxObjectBytes", "10000000"));
        await _server.S3.PutAsync("/images");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Headers_and_metadata_come_back_as_they_were_sent()
    {
        var sent = new Dictionary<string, string>
        {
            ["Content-Type"] = "text/plain; charset=utf-8", ["Cache-Control"] = "max-age=60", ["Content-Disposition"] = "inline; filename=\"x\"",
            ["Content-Encoding"] = "identity", ["Content-Language"] = "sv", ["x-amz-meta-Seed"] = "42", ["x-amz-meta-name"] = "hjärta",
        };
        var put = await _server.S3.PutAsync("/images/key", Ten, [.. sent.Select(h => (h.Key, h.Value))]);

        var (get, head) = (await _server.S3.GetAsync("/images/key"), await _server.S3.HeadAsync("/images/key"));

        put.Headers["etag"].ShouldBe(TenETag);
        get.Body.ShouldBe(Ten);
        head.Body.ShouldBeEmpty();
        foreach (var response in (S3Response[])[get, head])
        {
            response.Status.ShouldBe(HttpStatusCode.OK);
            foreach (var (name, value) in sent) response.Headers[name].ShouldBe(value);
            response.Headers["etag"].ShouldBe(TenETag);
            response.Headers["content-length"].ShouldBe("10");
            response.Headers["accept-ranges"].ShouldBe("bytes");
            DateTimeOffset.Parse(response.Headers["last-modified"]).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task An_overwritten_object_keeps_nothing_of_the_old_one()
    {
        await _server.S3.PutAsync("/images/key", new byte[100_000], ("x-amz-meta-old", "1"));
        await _server.S3.PutAsync("/images/key", Ten);

        var response = await _server.S3.GetAsync("/images/key");

        response.Body.ShouldBe(Ten);
        response.Headers.ShouldNotContainKey("x-amz-meta-old");
        (await _server.S3.GetAsync("/images")).Values("Contents", "Size").ShouldBe(["10"]);
    }

    [Theory]
    [InlineData("bytes=2-4", "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", "789", "bytes 7-9/10")]
    [InlineData("bytes=0-0", "0", "bytes 0-0/10")]
    [InlineData("bytes=8-100", "89", "bytes 8-9/10")]
    [InlineData("bytes=-3", "789", "bytes 7-9/10")]
    [InlineData("bytes=-100", "0123456789", "bytes 0-9/10")]
    public async Task A_range_is_a_part(string range, string part, string contentRange)
    {
        await _server.S3.PutAsync("/images/key", Ten);

        var response = await RangeAsync("GET", range);
        var head = await RangeAsync("HEAD", range);

        response.Status.ShouldBe(HttpStatusCode.PartialContent);
        Encoding.ASCII.GetString(response.Body).ShouldBe(part);
        response.Headers["content-range"].ShouldBe(contentRange);
        head.Status.ShouldBe(HttpStatusCode.PartialContent);
        head.Headers["content-length"].ShouldBe($"{part.Length}");
    }

    [Theory]
    [InlineData("bytes=4-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("lines=0-1")]
    public async Task A_range_that_is_none_or_more_than_one_gives_the_whole(string range)
    {
        await _server.S3.PutAsync("/images/key", Ten);

        var response = await RangeAsync("GET", range);

        response.Status.ShouldBe(HttpStatusCode.OK);
        response.Body.ShouldBe(Ten);
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999999-")]
    public async Task A_range_behind_the_end_is_refused(string range)
    {
        await _server.S3.PutAsync("/images/key", Ten);

        var response = await RangeAsync("GET", range);

        response.Status.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        response.Error.ShouldBe("InvalidRange");
        response.Headers["content-range"].ShouldBe("bytes */10");
    }

    [Fact]
    public async Task A_range_of_another_version_gives_the_whole()
    {
        await _server.S3.PutAsync("/images/key", Ten);

        async Task<HttpStatusCode> IfRangeAsync(string version) => (await _server.S3.SendAsync(
            new S3Request("GET", "/images/key") { Headers = { ["Range"] = "bytes=0-1", ["If-Range"] = version } })).Status;

        (await IfRangeAsync(TenETag)).ShouldBe(HttpStatusCode.PartialContent);
        (await IfRangeAsync("\"other\"")).ShouldBe(HttpStatusCode.OK);
        (await IfRangeAsync("Wed, 21 Oct 2015 07:28:00 GMT")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_read_can_depend_on_the_version()
    {
        await _server.S3.PutAsync("/images/key", Ten);
        var modified = (await _server.S3.HeadAsync("/images/key")).Headers["last-modified"];
        var earlier = DateTimeOffset.Parse(modified).AddSeconds(-1).ToString("R");

        async Task<HttpStatusCode> GetAsync(params (string, string)[] headers)
        {
            var request = new S3Request("GET", "/images/key");
            foreach (var (name, value) in headers) request.Headers[name] = value;
            return (await _server.S3.SendAsync(request)).Status;
        }

        (await GetAsync(("If-Match", TenETag))).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(("If-Match", "*"))).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(("If-Match", "\"other\""))).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await GetAsync(("If-None-Match", TenETag))).ShouldBe(HttpStatusCode.NotModified);
        (await GetAsync(("If-None-Match", $"\"other\", W/{TenETag}"))).ShouldBe(HttpStatusCode.NotModified);
        (await GetAsync(("If-None-Match", "\"other\""))).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(("If-Modified-Since", modified))).ShouldBe(HttpStatusCode.NotModified);
        (await GetAsync(("If-Modified-Since", earlier))).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(("If-Unmodified-Since", modified))).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(("If-Unmodified-Since", earlier))).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await GetAsync(("If-Match", TenETag), ("If-Unmodified-Since", earlier))).ShouldBe(HttpStatusCode.OK);
        (await GetAsync(("If-None-Match", "\"other\""), ("If-Modified-Since", modified))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_write_can_depend_on_the_version()
    {
        (await _server.S3.PutAsync("/images/key", Ten, ("If-Match", "\"any\""))).Error.ShouldBe("NoSuchKey");
        (await _server.S3.PutAsync("/images/key", Ten, ("If-None-Match", "*"))).Status.ShouldBe(HttpStatusCode.OK);
        var refused = await _server.S3.PutAsync("/images/key", [1], ("If-None-Match", "*"));
        refused.Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        refused.Error.ShouldBe("PreconditionFailed");
        refused.Value("Condition").ShouldBe("If-None-Match");
        (await _server.S3.PutAsync("/images/key", [1], ("If-Match", "\"other\""))).Error.ShouldBe("PreconditionFailed");
        (await _server.S3.GetAsync("/images/key")).Body.ShouldBe(Ten);
        (await _server.S3.PutAsync("/images/key", [1], ("If-Match", TenETag))).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.GetAsync("/images/key")).Body.ShouldBe([1]);
        (await _server.S3.PutAsync("/images/key", [2], ("If-None-Match", "\"an-etag\""))).Error.ShouldBe("NotImplemented");
    }

    [Fact]
    public async Task Of_many_writers_of_a_free_key_one_wins()
    {
        for (var round = 0; round < 10; round++)
        {
            var responses = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
                _server.S3.PutAsync($"/images/race-{round}", [(byte)i], ("If-None-Match", "*"))));

            var winner = responses.Index().Where(r => r.Item.Status == HttpStatusCode.OK).ShouldHaveSingleItem();
            responses.Count(r => r.Status == HttpStatusCode.PreconditionFailed).ShouldBe(15);
            (await _server.S3.GetAsync($"/images/race-{round}")).Body.ShouldBe([(byte)winner.Index]);
        }
    }

    [Fact]
    public async Task A_delete_can_depend_on_the_version()
    {
        await _server.S3.PutAsync("/images/key", Ten);

        async Task<S3Response> DeleteAsync(string etag) =>
            await _server.S3.SendAsync(new S3Request("DELETE", "/images/key") { Headers = { ["If-Match"] = etag } });

        (await DeleteAsync("\"other\"")).Error.ShouldBe("PreconditionFailed");
        (await DeleteAsync(TenETag)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await DeleteAsync(TenETag)).Error.ShouldBe("NoSuchKey");
    }

    [Fact]
    public async Task A_body_is_held_against_its_md5()
    {
        (await _server.S3.PutAsync("/images/key", Ten, ("Content-MD5", Convert.ToBase64String(MD5.HashData(Ten))))).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.PutAsync("/images/bad", Ten, ("Content-MD5", Convert.ToBase64String(MD5.HashData([]))))).Error.ShouldBe("BadDigest");
        (await _server.S3.PutAsync("/images/bad", Ten, ("Content-MD5", "AAAA"))).Error.ShouldBe("InvalidDigest");
        (await _server.S3.HeadAsync("/images/bad")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_object_over_the_limit_is_refused_before_it_is_sent()
    {
        using var connection = new RawConnection(_server.Url);
        using var message = _server.S3.Sign(new S3Request("PUT", "/images/key") { PayloadHash = "UNSIGNED-PAYLOAD" });

        await connection.SendHeadAsync(message, contentLength: 10_000_001, "Expect: 100-continue");

        var response = await connection.ReadAsync();
        response.ShouldStartWith("HTTP/1.1 400");
        response.ShouldContain("<Code>EntityTooLarge</Code>");
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_refused()
    {
        var response = await _server.S3.SendAsync(
            new S3Request("PUT", "/images/key") { PayloadHash = "UNSIGNED-PAYLOAD" }, message => message.Headers.TransferEncodingChunked = true);

        response.Status.ShouldBe(HttpStatusCode.LengthRequired);
        response.Error.ShouldBe("MissingContentLength");
    }

    [Fact]
    public async Task Metadata_has_a_limit_under_which_nothing_is_lost()
    {
        var longest = new string('<', 8000);

        (await _server.S3.PutAsync("/images/a", Ten, ("x-amz-meta-a", new string('a', 3000)))).Error.ShouldBe("MetadataTooLarge");
        (await _server.S3.PutAsync("/images/a", Ten, ("Cache-Control", new string('<', 9000)))).Error.ShouldBe("MetadataTooLarge");
        (await _server.S3.PutAsync("/images/a", Ten, ("Cache-Control", longest))).Status.ShouldBe(HttpStatusCode.OK);

        (await _server.S3.GetAsync("/images/a")).Headers["cache-control"].ShouldBe(longest);
    }

    [Fact]
    public async Task A_bucket_is_created_found_and_deleted_when_empty()
    {
        var configuration = "<CreateBucketConfiguration><LocationConstraint>us-east-1</LocationConstraint></CreateBucketConfiguration>"u8.ToArray();
        (await _server.S3.HeadAsync("/other-bucket")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _server.S3.PutAsync("/other-bucket", configuration)).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.HeadAsync("/other-bucket/")).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.GetAsync("/")).Values("Buckets", "Bucket", "Name").ShouldBe(["images", "other-bucket"]);
        (await _server.S3.PutAsync("/other-bucket")).Error.ShouldBe("BucketAlreadyOwnedByYou");
        (await _server.S3.GetAsync("/other-bucket?location")).Xml.Name.LocalName.ShouldBe("LocationConstraint");

        await _server.S3.PutAsync("/other-bucket/key", Ten);
        (await _server.S3.DeleteAsync("/other-bucket")).Error.ShouldBe("BucketNotEmpty");
        await _server.S3.DeleteAsync("/other-bucket/key");
        (await _server.S3.DeleteAsync("/other-bucket")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await _server.S3.PutAsync("/other-bucket/key", Ten)).Error.ShouldBe("NoSuchBucket");
        (await _server.S3.GetAsync("/other-bucket/key")).Error.ShouldBe("NoSuchBucket");
        (await _server.S3.DeleteAsync("/other-bucket")).Error.ShouldBe("NoSuchBucket");
    }

    [Theory]
    [InlineData("<CreateBucketConfiguration><LocationConstraint>mars-1</LocationConstraint></CreateBucketConfiguration>", "InvalidLocationConstraint")]
    [InlineData("not xml", "MalformedXML")]
    [InlineData("<Other/>", "MalformedXML")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><CreateBucketConfiguration>&e;</CreateBucketConfiguration>", "MalformedXML")]
    public async Task A_bucket_configuration_that_is_wrong_is_refused(string body, string code)
    {
        (await _server.S3.PutAsync("/other-bucket", Encoding.UTF8.GetBytes(body))).Error.ShouldBe(code);
        (await _server.S3.HeadAsync("/other-bucket")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("POST", "/images?uploads")]
    [InlineData("GET", "/images/key?partNumber=1")]
    [InlineData("POST", "/images/key?delete")]
    [InlineData("GET", "/images?delete")]
    [InlineData("GET", "/images?replication")]
    [InlineData("PUT", "/images?policy")]
    [InlineData("GET", "/images?versions")]
    [InlineData("GET", "/images/key?tagging")]
    [InlineData("GET", "/images/key?versionId=1")]
    [InlineData("GET", "/images/key?response-content-type=text%2Fhtml")]
    public async Task What_is_not_there_says_so(string method, string target)
    {
        var response = await _server.S3.SendAsync(new S3Request(method, target));

        response.Status.ShouldBe(HttpStatusCode.NotImplemented);
        response.Error.ShouldBe("NotImplemented");
    }

    [Theory]
    [InlineData("x-amz-copy-source-range", "bytes=0-1")]
    [InlineData("x-amz-server-side-encryption", "AES256")]
    [InlineData("x-amz-acl", "public-read")]
    [InlineData("x-amz-storage-class", "GLACIER")]
    [InlineData("x-amz-tagging", "a=b")]
    public async Task A_header_that_asks_for_more_is_not_dropped_in_silence(string name, string value)
    {
        var response = await _server.S3.PutAsync("/images/key", Ten, (name, value));

        response.Status.ShouldBe(HttpStatusCode.NotImplemented);
        response.Value("Header").ShouldBe(name);
        (await _server.S3.HeadAsync("/images/key")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("POST", "/")]
    [InlineData("DELETE", "/")]
    [InlineData("POST", "/images/key")]
    [InlineData("PATCH", "/images/key")]
    public async Task A_method_that_has_no_meaning_is_refused(string method, string target) =>
        (await _server.S3.SendAsync(new S3Request(method, target))).Error.ShouldBe("MethodNotAllowed");

    [Fact]
    public async Task Readers_see_the_old_or_the_new_object_never_a_mix()
    {
        const int size = 400_000;
        await _server.S3.PutAsync("/images/key", Filled(0), ("x-amz-meta-version", "0"));
        using var done = new CancellationTokenSource();

        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var reads = 0;
            for (; !done.IsCancellationRequested || reads == 0; reads++)
            {
                var response = await _server.S3.GetAsync("/images/key");
                response.Body.Length.ShouldBe(size + response.Body[0]);
                response.Body.ShouldAllBe(b => b == response.Body[0]);
                response.Headers["etag"].ShouldBe($"\"{Convert.ToHexStringLower(MD5.HashData(response.Body))}\"");
                response.Headers["x-amz-meta-version"].ShouldBe($"{response.Body[0]}");
            }
            return reads;
        })).ToArray();
        for (byte version = 1; version <= 40; version++)
            (await _server.S3.PutAsync("/images/key", Filled(version), ("x-amz-meta-version", $"{version}"))).Status.ShouldBe(HttpStatusCode.OK);
        await done.CancelAsync();

        (await Task.WhenAll(readers)).ShouldAllBe(reads => reads > 0);

        static byte[] Filled(byte version)
        {
            var bytes = new byte[size + version];
            Array.Fill(bytes, version);
            return bytes;
        }
    }

    [Fact]
    public async Task A_key_that_comes_and_goes_is_whole_or_missing()
    {
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            do
            {
                var response = await _server.S3.GetAsync("/images/key");
                if (response.Status == HttpStatusCode.OK) response.Body.ShouldBe(Ten);
                else response.Error.ShouldBe("NoSuchKey");
            }
            while (!done.IsCancellationRequested);
        })).ToArray();
        for (var i = 0; i < 100; i++)
        {
            (await _server.S3.PutAsync("/images/key", Ten)).Status.ShouldBe(HttpStatusCode.OK);
            (await _server.S3.DeleteAsync("/images/key")).Status.ShouldBe(HttpStatusCode.NoContent);
        }
        await done.CancelAsync();

        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_leaves_nothing()
    {
        var temporary = Path.Combine(_server.DataPath, "tmp");
        var body = RandomNumberGenerator.GetBytes(1_000_000);
        using var message = _server.S3.Sign(new S3Request("PUT", "/images/half") { Body = body });
        using (var connection = new RawConnection(_server.Url))
        {
            await connection.SendHeadAsync(message, body.Length);
            await connection.SendAsync(body.AsMemory(0, 500_000));
            await Eventually.HoldsAsync(() => Directory.GetFiles(temporary).Length == 1, "the upload begins");
        }

        await Eventually.HoldsAsync(() => Directory.GetFiles(temporary).Length == 0, "what arrived is removed");
        (await _server.S3.HeadAsync("/images/half")).Status.ShouldBe(HttpStatusCode.NotFound);
        Directory.GetFiles(Path.Combine(_server.DataPath, "buckets", "images", "objects")).ShouldBeEmpty();
    }

    Task<S3Response> RangeAsync(string method, string range) =>
        _server.S3.SendAsync(new S3Request(method, "/images/key") { Headers = { ["Range"] = range } });
}
