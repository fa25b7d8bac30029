using System.Net;
using System.Security.Cryptography;
using Minio;
using Minio.DataModel.Args;

namespace SdAspire.ObjectStore.Tests;

/// <summary>Objects made from other objects.</summary>
public sealed class CopyTests : IAsyncLifetime
{
    const string Source = "x-amz-copy-source";

    static readonly byte[] Ten = "0123456789"u8.ToArray();
    static readonly string TenETag = $"\"{Convert.ToHexStringLower(MD5.HashData(Ten))}\"";

    TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.S3.PutAsync("/images");
        await _server.S3.PutAsync("/copies");
        await _server.S3.PutAsync("/images/key", Ten, ("x-amz-meta-seed", "42"), ("Content-Type", "text/plain"), ("Cache-Control", "no-store"));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("key")]
    [InlineData("a b+c/hjärta ❤%/?x=1&y")]
    [InlineData("//x//")]
    public async Task A_copy_has_the_bytes_and_the_metadata_whatever_the_key(string key)
    {
        var encoded = Uri.EscapeDataString(key);
        await _server.S3.PutAsync($"/images/{encoded}", Ten, ("x-amz-meta-seed", "42"), ("Content-Type", "text/plain"));

        foreach (var source in (string[])[$"/images/{encoded}", $"images/{encoded}", $"images/{encoded.Replace("%2F", "/")}"])
        {
            var copied = await CopyAsync("/copies/copy", source);
            copied.Status.ShouldBe(HttpStatusCode.OK);
            copied.Xml.Name.LocalName.ShouldBe("CopyObjectResult");
            copied.Value("ETag").ShouldBe(TenETag);
            DateTimeOffset.Parse(copied.Value("LastModified")!).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        }

        var read = await _server.S3.GetAsync("/copies/copy");
        read.Body.ShouldBe(Ten);
        read.Headers["x-amz-meta-seed"].ShouldBe("42");
        read.Headers["content-type"].ShouldBe("text/plain");
        (await _server.S3.GetAsync($"/images/{encoded}")).Body.ShouldBe(Ten);
    }

    [Fact]
    public async Task Metadata_is_kept_or_replaced_as_a_whole()
    {
        await CopyAsync("/images/kept", "/images/key", ("x-amz-metadata-directive", "COPY"), ("x-amz-meta-new", "1"));
        await CopyAsync("/images/new", "/images/key", ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-new", "1"), ("Content-Type", "image/png"));

        var (kept, replaced) = (await _server.S3.HeadAsync("/images/kept"), await _server.S3.HeadAsync("/images/new"));

        kept.Headers["x-amz-meta-seed"].ShouldBe("42");
        kept.Headers["cache-control"].ShouldBe("no-store");
        kept.Headers.ShouldNotContainKey("x-amz-meta-new");
        replaced.Headers["x-amz-meta-new"].ShouldBe("1");
        replaced.Headers["content-type"].ShouldBe("image/png");
        replaced.Headers.ShouldNotContainKey("x-amz-meta-seed");
        replaced.Headers.ShouldNotContainKey("cache-control");
        (await CopyAsync("/images/x", "/images/key", ("x-amz-metadata-directive", "MERGE"))).Error.ShouldBe("InvalidArgument");
    }

    [Fact]
    public async Task Onto_itself_only_with_other_metadata()
    {
        var refused = await CopyAsync("/images/key", "/images/key");
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused.Error.ShouldBe("InvalidRequest");

        (await CopyAsync("/images/key", "/images/key", ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-seed", "43"))).Status.ShouldBe(HttpStatusCode.OK);

        var read = await _server.S3.GetAsync("/images/key");
        read.Body.ShouldBe(Ten);
        read.Headers["x-amz-meta-seed"].ShouldBe("43");
    }

    [Theory]
    [InlineData("/images/missing", "NoSuchKey")]
    [InlineData("/no-such-bucket/key", "NoSuchBucket")]
    [InlineData("/images/", "InvalidArgument")]
    [InlineData("images", "InvalidArgument")]
    [InlineData("/../etc/passwd", "InvalidArgument")]
    [InlineData("/images/../key", "InvalidURI")]
    [InlineData("/images/%2e%2e%2fkey", "InvalidURI")]
    [InlineData("/images/%zz", "InvalidURI")]
    [InlineData("/images/key?versionId=1", "NotImplemented")]
    public async Task A_source_that_is_none_is_refused(string source, string code)
    {
        (await CopyAsync("/copies/copy", source)).Error.ShouldBe(code);
        (await _server.S3.GetAsync("/copies")).Values("Contents").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_copy_can_depend_on_its_source_and_on_its_target()
    {
        var modified = (await _server.S3.HeadAsync("/images/key")).Headers["last-modified"];
        var earlier = DateTimeOffset.Parse(modified).AddSeconds(-1).ToString("R");
        async Task<string?> ErrorAsync(string name, string value) => (await CopyAsync("/copies/copy", "/images/key", (name, value))).Error;

        (await ErrorAsync($"{Source}-if-match", "\"other\"")).ShouldBe("PreconditionFailed");
        (await ErrorAsync($"{Source}-if-none-match", TenETag)).ShouldBe("PreconditionFailed");
        (await ErrorAsync($"{Source}-if-unmodified-since", earlier)).ShouldBe("PreconditionFailed");
        (await ErrorAsync($"{Source}-if-modified-since", modified)).ShouldBe("PreconditionFailed");
        (await _server.S3.GetAsync("/copies")).Values("Contents").ShouldBeEmpty();
        (await ErrorAsync($"{Source}-if-match", TenETag)).ShouldBeNull();
        (await ErrorAsync($"{Source}-if-none-match", "\"other\"")).ShouldBeNull();
        (await ErrorAsync($"{Source}-if-unmodified-since", modified)).ShouldBeNull();
        (await ErrorAsync($"{Source}-if-modified-since", earlier)).ShouldBeNull();
        (await ErrorAsync("If-None-Match", "*")).ShouldBe("PreconditionFailed");
        (await ErrorAsync("If-Match", TenETag)).ShouldBeNull();
    }

    [Fact]
    public async Task A_part_can_be_a_part_of_another_object()
    {
        var big = RandomNumberGenerator.GetBytes(5 * 1024 * 1024);
        await _server.S3.PutAsync("/images/big", big);
        var upload = await Multipart.CreateAsync(_server.S3, "/copies/joined");
        var target = $"/copies/joined?uploadId={upload.Id}&partNumber=";

        await upload.CopyAsync(1, "/images/big");
        await upload.CopyAsync(2, "/images/key", "bytes=2-4");
        foreach (var range in (string[])["bytes=2-10", "bytes=4-2", "bytes=2-", "bytes=-2", "lines=0-1"])
            (await CopyAsync(target + "3", "/images/key", ($"{Source}-range", range))).Error.ShouldBe("InvalidArgument");

        (await upload.CompleteAsync()).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.GetAsync("/copies/joined")).Body.ShouldBe([.. big, .. "234"u8]);
    }

    [Fact]
    public async Task The_MinIO_SDK_copies()
    {
        using var minio = _server.Minio();

        await minio.CopyObjectAsync(new CopyObjectArgs().WithBucket("copies").WithObject("a b")
            .WithCopyObjectSource(new CopySourceObjectArgs().WithBucket("images").WithObject("key")));

        (await _server.S3.GetAsync("/copies/a%20b")).Body.ShouldBe(Ten);
    }

    Task<S3Response> CopyAsync(string target, string source, params (string Name, string Value)[] headers) =>
        _server.S3.PutAsync(target, null, [(Source, source), .. headers]);
}
