using System.Net;
using System.Text;

namespace SdAspire.ObjectStore.Tests;

/// <summary>What a key may be.</summary>
public sealed class KeyTests : IAsyncLifetime
{
    TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.S3.PutAsync("/images");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("a b")]
    [InlineData("a+b")]
    [InlineData("100%")]
    [InlineData("%2e%2e%2fpasswd")]
    [InlineData("a%2Fb")]
    [InlineData("hjärta ❤ 心 😀")]
    [InlineData("//double//slashes//")]
    [InlineData("folder/")]
    [InlineData("...")]
    [InlineData("a.b/..c/d..")]
    [InlineData("back\\slash\\..\\x")]
    [InlineData("?query&list-type=2#fragment")]
    [InlineData("new\nline\tand\u0001control")]
    [InlineData("'quotes\"<&>;")]
    [InlineData("CON")]
    [InlineData("\uE000 before \uD83D\uDE00")]
    public async Task A_key_round_trips(string key)
    {
        var target = "/images/" + Escape(key);
        var content = Encoding.UTF8.GetBytes(key);

        (await _server.S3.PutAsync(target, content)).Status.ShouldBe(HttpStatusCode.OK);

        (await _server.S3.GetAsync(target)).Body.ShouldBe(content);
        var encoded = await _server.S3.GetAsync("/images?list-type=2&encoding-type=url");
        Uri.UnescapeDataString(encoded.Value("Contents", "Key")!).ShouldBe(key);
        (await _server.S3.DeleteAsync(target)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await _server.S3.GetAsync(target)).Error.ShouldBe("NoSuchKey");
    }

    [Theory]
    [InlineData("/images/../x")]
    [InlineData("/images/a/../../b")]
    [InlineData("/images/a/./b")]
    [InlineData("/images/..")]
    [InlineData("/images/%2e%2e/x")]
    [InlineData("/images/%2E%2E%2F%2E%2E%2Fetc%2Fpasswd")]
    [InlineData("/images/..%2f..%2fbuckets%2fx")]
    public async Task A_key_that_walks_out_of_its_bucket_is_refused(string target)
    {
        foreach (var method in (string[])["PUT", "GET", "DELETE"])
        {
            var response = await _server.S3.SendAsync(new S3Request(method, target) { Body = method == "PUT" ? [1] : [] });
            response.Status.ShouldBe(HttpStatusCode.BadRequest);
            response.Error.ShouldBe("InvalidURI");
        }
        Everything().ShouldBe(["buckets/images/bucket.json", "objectstore.json"]);
    }

    [Theory]
    [InlineData("/../../../../etc")]
    [InlineData("/%2e%2e/passwd")]
    [InlineData("/..%2f..%2fetc/passwd")]
    [InlineData("/Images/key")]
    [InlineData("/ab")]
    [InlineData("/192.168.1.1")]
    [InlineData("/-images")]
    [InlineData("/im..ages")]
    [InlineData("/minio")]
    [InlineData("/health/key")]
    public async Task A_bucket_name_that_is_none_is_refused(string target)
    {
        var response = await _server.S3.PutAsync(target);

        response.Status.ShouldBe(HttpStatusCode.BadRequest);
        response.Error.ShouldBe("InvalidBucketName");
        Everything().ShouldBe(["buckets/images/bucket.json", "objectstore.json"]);
    }

    [Theory]
    [InlineData("/images/%")]
    [InlineData("/images/%zz")]
    [InlineData("/images/%ff%fe")]
    [InlineData("/images?prefix=%c3%28")]
    public async Task A_target_that_is_no_utf8_is_refused(string target)
    {
        var response = await _server.S3.GetAsync(target);

        response.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_key_may_have_1024_bytes_and_no_more()
    {
        var longest = "/images/" + new string('k', 1022) + Escape("ä");

        (await _server.S3.PutAsync(longest, [1])).Status.ShouldBe(HttpStatusCode.OK);
        (await _server.S3.GetAsync(longest)).Body.ShouldBe([1]);
        var tooLong = await _server.S3.PutAsync(longest + "k", [1]);

        tooLong.Status.ShouldBe(HttpStatusCode.BadRequest);
        tooLong.Error.ShouldBe("KeyTooLongError");
        tooLong.Value("Size").ShouldBe("1025");
    }

    static string Escape(string key) => Uri.EscapeDataString(key).Replace("%2F", "/");

    IEnumerable<string> Everything() => Directory.GetFiles(_server.DataPath, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_server.DataPath, file)).Order(StringComparer.Ordinal);
}
