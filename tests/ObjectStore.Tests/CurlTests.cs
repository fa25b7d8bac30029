using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace SdAspire.ObjectStore.Tests;

/// <summary>curl --aws-sigv4: a third reading of the specification, by people who know nothing of this server.</summary>
public sealed class CurlTests : IAsyncLifetime
{
    readonly TemporaryFolder _files = new();
    TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        await _server.S3.PutAsync("/images");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Curl_stores_reads_lists_and_deletes()
    {
        var file = Path.Combine(_files.Path, "heart.png");
        var bytes = RandomNumberGenerator.GetBytes(200_000);
        await File.WriteAllBytesAsync(file, bytes);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));

        (await CurlAsync("/new-bucket", "-X", "PUT")).Status.ShouldBe(200);
        (await CurlAsync("/images/a%20b/heart.png", "-T", file, "-H", $"x-amz-content-sha256: {hash}")).Status.ShouldBe(200);
        (await CurlAsync("/images/unsigned.png", "-T", file, "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD")).Status.ShouldBe(200);
        var read = await CurlAsync("/images/a%20b/heart.png");
        read.Status.ShouldBe(200);
        read.Body.ShouldBe(bytes);
        Encoding.UTF8.GetString((await CurlAsync("/images?list-type=2&prefix=a")).Body).ShouldContain("<Key>a b/heart.png</Key>");
        (await CurlAsync("/images/unsigned.png", "-r", "10-19")).Body.ShouldBe(bytes[10..20]);
        (await CurlAsync("/images/unsigned.png", "-X", "DELETE")).Status.ShouldBe(204);
        (await CurlAsync("/images/unsigned.png")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Curl_copies_and_uploads_in_parts()
    {
        var file = Path.Combine(_files.Path, "part");
        await File.WriteAllBytesAsync(file, [1, 2, 3]);
        const string unsigned = "x-amz-content-sha256: UNSIGNED-PAYLOAD";

        var created = Encoding.UTF8.GetString((await CurlAsync("/images/big?uploads=", "-X", "POST")).Body);
        var id = XElement.Parse(created).Elements().Single(element => element.Name.LocalName == "UploadId").Value;
        (await CurlAsync($"/images/big?partNumber=1&uploadId={id}", "-T", file, "-H", unsigned)).Status.ShouldBe(200);
        var parts = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
            + $"<ETag>{Convert.ToHexStringLower(MD5.HashData([1, 2, 3]))}</ETag></Part></CompleteMultipartUpload>";
        (await CurlAsync($"/images/big?uploadId={id}", "--data", parts, "-H", unsigned)).Status.ShouldBe(200);
        (await CurlAsync("/images/copy", "-X", "PUT", "-H", "x-amz-copy-source: /images/big")).Status.ShouldBe(200);

        (await CurlAsync("/images/copy")).Body.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Curl_with_a_wrong_password_is_refused()
    {
        var (status, body) = await CurlAsync("/images", password: "not the secret");

        status.ShouldBe(403);
        Encoding.UTF8.GetString(body).ShouldContain("<Code>SignatureDoesNotMatch</Code>");
    }

    [Fact]
    public async Task Curl_with_another_hash_of_the_file_is_refused()
    {
        var file = Path.Combine(_files.Path, "file");
        await File.WriteAllTextAsync(file, "content");

        var (status, body) = await CurlAsync("/images/key", args: ["-T", file, "-H", $"x-amz-content-sha256: {new string('0', 64)}"]);

        status.ShouldBe(400);
        Encoding.UTF8.GetString(body).ShouldContain("<Code>XAmzContentSHA256Mismatch</Code>");
    }

    Task<(int Status, byte[] Body)> CurlAsync(string target, params string[] args) => CurlAsync(target, Account.SecretKey, args);

    async Task<(int Status, byte[] Body)> CurlAsync(string target, string password, string[]? args = null)
    {
        var output = Path.Combine(_files.Path, Guid.NewGuid().ToString("N"));
        // The account on standard input, because arguments are for everybody to see.
        var (exitCode, status, error) = await Tool.RunAsync("curl",
        [
            "--silent", "--show-error", "--path-as-is", "--aws-sigv4", $"aws:amz:{Account.Region}:s3", "--config", "-",
            "--output", output, "--write-out", "%{http_code}", .. args ?? [], new Uri(_server.Url, target).ToString().Replace(" ", "%20"),
        ], $"user = \"{Account.AccessKey}:{password}\"\n");
        exitCode.ShouldBe(0, error);
        return (int.Parse(status), File.Exists(output) ? await File.ReadAllBytesAsync(output) : []);
    }
}
