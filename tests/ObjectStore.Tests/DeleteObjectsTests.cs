using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using Minio;
using Minio.DataModel.Args;

namespace SdAspire.ObjectStore.Tests;

/// <summary>Many keys with one request.</summary>
public sealed class DeleteObjectsTests : IAsyncLifetime
{
    TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.S3.PutAsync("/images");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Every_key_gets_its_answer_there_or_not()
    {
        string[] keys = ["plain", " a b+c ", "'quotes\"<&>", "new\nline\u0001", "hjärta ❤"];
        foreach (var key in keys.Append("kept")) await _server.S3.PutAsync("/images/" + Uri.EscapeDataString(key), [1]);

        var response = await DeleteAsync(Xml([.. keys, "missing", "../x", new string('k', 1025)]));

        response.Status.ShouldBe(HttpStatusCode.OK);
        response.Values("Deleted", "Key").ShouldBe([.. keys, "missing"]);
        response.Values("Error", "Code").ShouldBe(["InvalidURI", "KeyTooLongError"]);
        (await _server.S3.GetAsync("/images")).Values("Contents", "Key").ShouldBe(["kept"]);
    }

    [Fact]
    public async Task Quiet_says_only_what_went_wrong()
    {
        await _server.S3.PutAsync("/images/a", [1]);

        var response = await DeleteAsync(Xml(["a", ".."], "<Quiet>true</Quiet>"));

        response.Values("Deleted").ShouldBeEmpty();
        response.Values("Error", "Key").ShouldBe([".."]);
        (await _server.S3.GetAsync("/images")).Values("Contents").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_thousand_keys_and_no_more()
    {
        string[] keys = [.. Enumerable.Range(0, 1001).Select(i => $"k{i:D4}")];
        await Parallel.ForEachAsync(keys, async (key, _) => await _server.S3.PutAsync($"/images/{key}", [1]));

        (await DeleteAsync(Xml(keys))).Error.ShouldBe("MalformedXML");
        (await _server.S3.GetAsync("/images?list-type=2")).Value("KeyCount").ShouldBe("1000");

        (await DeleteAsync(Xml(keys[..1000]))).Values("Deleted").Count.ShouldBe(1000);
        (await _server.S3.GetAsync("/images")).Values("Contents", "Key").ShouldBe(["k1000"]);
    }

    [Fact]
    public async Task Without_a_good_hash_nothing_is_deleted()
    {
        await _server.S3.PutAsync("/images/a", [1]);
        var body = Xml(["a"]);
        Task<S3Response> SendAsync(string? name, byte[] hash)
        {
            var request = new S3Request("POST", "/images?delete") { Body = body };
            if (name is not null) request.Headers[name] = Convert.ToBase64String(hash);
            return _server.S3.SendAsync(request);
        }

        (await SendAsync(null, [])).Error.ShouldBe("InvalidRequest");
        (await SendAsync("Content-MD5", MD5.HashData([]))).Error.ShouldBe("BadDigest");
        (await SendAsync("Content-MD5", [1])).Error.ShouldBe("InvalidDigest");
        (await SendAsync("x-amz-checksum-sha256", SHA256.HashData([]))).Error.ShouldBe("BadDigest");
        (await SendAsync("x-amz-checksum-sha1", [1])).Error.ShouldBe("InvalidRequest");
        (await _server.S3.GetAsync("/images")).Values("Contents", "Key").ShouldBe(["a"]);
        (await SendAsync("x-amz-checksum-sha256", SHA256.HashData(body))).Values("Deleted", "Key").ShouldBe(["a"]);
        (await SendAsync("x-amz-checksum-sha1", SHA1.HashData(body))).Values("Deleted", "Key").ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("", "MalformedXML")]
    [InlineData("not xml", "MalformedXML")]
    [InlineData("<Delete/>", "MalformedXML")]
    [InlineData("<Delete><Object/></Delete>", "MalformedXML")]
    [InlineData("<Delete><Object><Key></Key></Object></Delete>", "MalformedXML")]
    [InlineData("<Delete><Other/></Delete>", "MalformedXML")]
    [InlineData("<Delete><Object><Key>a</Key><VersionId>1</VersionId></Object></Delete>", "NotImplemented")]
    [InlineData("<!DOCTYPE x [<!ENTITY e 'a'>]><Delete><Object><Key>&e;</Key></Object></Delete>", "MalformedXML")]
    public async Task What_is_not_understood_deletes_nothing(string body, string code)
    {
        await _server.S3.PutAsync("/images/a", [1]);

        (await DeleteAsync(Encoding.UTF8.GetBytes(body))).Error.ShouldBe(code);

        (await _server.S3.GetAsync("/images")).Values("Contents", "Key").ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_key_can_be_deleted_in_one_version_only()
    {
        await _server.S3.PutAsync("/images/a", [1]);

        var response = await DeleteAsync(Encoding.UTF8.GetBytes("<Delete><Object><Key>a</Key><ETag>\"other\"</ETag></Object></Delete>"));

        response.Value("Error", "Code").ShouldBe("PreconditionFailed");
        (await _server.S3.GetAsync("/images/a")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_MinIO_SDK_deletes_many()
    {
        using var minio = _server.Minio();
        string[] keys = [.. Enumerable.Range(0, 30).Select(i => $"a b/{i}")];
        foreach (var key in keys) await _server.S3.PutAsync("/images/" + key.Replace(" ", "%20"), [1]);

        (await minio.RemoveObjectsAsync(new RemoveObjectsArgs().WithBucket("images").WithObjects([.. keys, "missing"]))).ShouldBeEmpty();

        (await _server.S3.GetAsync("/images")).Values("Contents").ShouldBeEmpty();
    }

    Task<S3Response> DeleteAsync(byte[] body) => _server.S3.SendAsync(new S3Request("POST", "/images?delete")
    {
        Body = body, Headers = { ["Content-MD5"] = Convert.ToBase64String(MD5.HashData(body)) },
    });

    static byte[] Xml(IEnumerable<string> keys, string more = "") => Encoding.UTF8.GetBytes(
        $"<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{more}{string.Concat(keys.Select(Element))}</Delete>");

    static string Element(string key) =>
        $"<Object><Key>{SecurityElement.Escape(key).Replace("\n", "&#10;").Replace("\u0001", "&#1;")}</Key></Object>";
}
