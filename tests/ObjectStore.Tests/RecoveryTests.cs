using System.Net;
using System.Security.Cryptography;
using System.Text;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore.Tests;

/// <summary>What a restart finds.</summary>
public sealed class RecoveryTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string Objects => Path.Combine(_folder.Path, "buckets", "images", "objects");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_is_there_after_a_restart()
    {
        var keys = Enumerable.Range(0, 50).Select(i => $"key {i}/ä.png").ToArray();
        S3Response listed, headed, buckets;
        await using (var server = await TestServer.StartAsync(_folder.Path))
        {
            await server.S3.PutAsync("/images");
            await server.S3.PutAsync("/empty-bucket");
            foreach (var key in keys) await server.S3.PutAsync(Target(key), Encoding.UTF8.GetBytes(key), ("x-amz-meta-key", "kept"), ("Content-Type", "text/x"));
            await server.S3.PutAsync(Target("overwritten"), [1]);
            await server.S3.PutAsync(Target("overwritten"), [2]);
            await server.S3.PutAsync(Target("deleted"), [1]);
            await server.S3.DeleteAsync(Target("deleted"));
            (listed, headed, buckets) = (await server.S3.GetAsync("/images"), await server.S3.HeadAsync(Target(keys[7])), await server.S3.GetAsync("/"));
        }

        await using var restarted = await TestServer.StartAsync(_folder.Path);

        (await restarted.S3.GetAsync("/images")).Body.ShouldBe(listed.Body);
        (await restarted.S3.GetAsync("/")).Body.ShouldBe(buckets.Body);
        var again = await restarted.S3.HeadAsync(Target(keys[7]));
        foreach (var name in (string[])["etag", "last-modified", "content-type", "x-amz-meta-key", "content-length"])
            again.Headers[name].ShouldBe(headed.Headers[name]);
        foreach (var key in keys) (await restarted.S3.GetAsync(Target(key))).Body.ShouldBe(Encoding.UTF8.GetBytes(key));
        (await restarted.S3.GetAsync(Target("overwritten"))).Body.ShouldBe([2]);
        (await restarted.S3.GetAsync(Target("deleted"))).Error.ShouldBe("NoSuchKey");
    }

    [Fact]
    public async Task Torn_and_foreign_files_are_set_aside_and_the_rest_is_served()
    {
        await using (var server = await TestServer.StartAsync(_folder.Path))
        {
            await server.S3.PutAsync("/images");
            foreach (var key in (string[])["good", "cut", "empty", "flipped", "renamed"])
                await server.S3.PutAsync(Target(key), RandomNumberGenerator.GetBytes(10_000));
        }
        Change("cut", bytes => bytes[..^1]);
        Change("empty", _ => []);
        // In the metadata, which is in front of the trailer.
        Change("flipped", bytes => { bytes[^70] ^= 1; return bytes; });
        File.Move(FileOf("renamed"), FileOf("another key"));
        File.WriteAllText(Path.Combine(Objects, "README"), "not an object");
        Directory.CreateDirectory(Path.Combine(Objects, "folder"));
        File.WriteAllText(Path.Combine(_folder.Path, "tmp", "leftover"), "half an upload");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "tmp", "half-a-bucket"));

        await using var restarted = await TestServer.StartAsync(_folder.Path);

        (await restarted.S3.GetAsync("/images")).Values("Contents", "Key").ShouldBe(["good"]);
        foreach (var key in (string[])["cut", "empty", "flipped", "renamed", "another key"])
            (await restarted.S3.GetAsync(Target(key))).Error.ShouldBe("NoSuchKey");
        Directory.GetFileSystemEntries(Objects).ShouldHaveSingleItem();
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "set-aside")).Length.ShouldBe(6);
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "tmp")).ShouldBeEmpty();
        (await restarted.S3.PutAsync(Target("cut"), [1])).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_object_damaged_while_the_server_runs_is_an_error_not_an_answer()
    {
        await using var server = await TestServer.StartAsync(_folder.Path);
        await server.S3.PutAsync("/images");
        await server.S3.PutAsync(Target("key"), [1, 2, 3]);
        Change("key", bytes => bytes[..^1]);

        (await server.S3.GetAsync(Target("key"))).Status.ShouldBe(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task A_bucket_without_its_file_is_still_a_bucket()
    {
        await using (var server = await TestServer.StartAsync(_folder.Path))
        {
            await server.S3.PutAsync("/images");
            await server.S3.PutAsync(Target("key"), [1]);
        }
        File.Delete(Path.Combine(_folder.Path, "buckets", "images", "bucket.json"));

        await using var restarted = await TestServer.StartAsync(_folder.Path);

        (await restarted.S3.GetAsync(Target("key"))).Body.ShouldBe([1]);
    }

    [Fact]
    public async Task Somebody_elses_folder_is_left_alone()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "tmp"));
        File.WriteAllText(Path.Combine(_folder.Path, "tmp", "thesis.tex"), "the only copy");

        var refusal = await Should.ThrowAsync<StoreFolderException>(() => TestServer.StartAsync(_folder.Path));

        refusal.Message.ShouldContain("is not empty");
        File.ReadAllText(Path.Combine(_folder.Path, "tmp", "thesis.tex")).ShouldBe("the only copy");
        Directory.GetFileSystemEntries(_folder.Path).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("{\"version\":2}")]
    [InlineData("garbage")]
    public async Task Another_format_is_left_alone(string marker)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "objectstore.json"), marker);

        await Should.ThrowAsync<StoreFolderException>(() => TestServer.StartAsync(_folder.Path));
    }

    static string Target(string key) => "/images/" + Uri.EscapeDataString(key).Replace("%2F", "/");

    string FileOf(string key) => Path.Combine(Objects, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));

    void Change(string key, Func<byte[], byte[]> change) => File.WriteAllBytes(FileOf(key), change(File.ReadAllBytes(FileOf(key))));
}
