using System.Security.Cryptography;
using Minio;
using Minio.DataModel.Args;
using Minio.Exceptions;

namespace SdAspire.ObjectStore.Tests;

/// <summary>What the services use: the MinIO SDK against the server.</summary>
public sealed class MinioSdkTests
{
    const string Bucket = "images";

    [Fact]
    public async Task An_object_comes_back_with_its_metadata()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio();
        await MakeBucketAsync(minio);
        var bytes = RandomNumberGenerator.GetBytes(1_000_000);

        var put = await PutAsync(minio, "2026/a b+c%.png", bytes, new() { ["x-amz-meta-seed"] = "42" });
        var read = await GetAsync(minio, "2026/a b+c%.png");
        var stat = await minio.StatObjectAsync(new StatObjectArgs().WithBucket(Bucket).WithObject("2026/a b+c%.png"));

        read.ShouldBe(bytes);
        put.Etag.Trim('"').ShouldBe(Convert.ToHexStringLower(MD5.HashData(bytes)));
        stat.ETag.ShouldBe(Convert.ToHexStringLower(MD5.HashData(bytes)));
        stat.Size.ShouldBe(bytes.Length);
        stat.ContentType.ShouldBe("image/png");
        stat.MetaData["seed"].ShouldBe("42");
        stat.LastModified.ToUniversalTime().ShouldBe(DateTime.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task An_empty_object_can_be_stored()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio();
        await MakeBucketAsync(minio);

        await PutAsync(minio, "tombstone", []);

        (await minio.StatObjectAsync(new StatObjectArgs().WithBucket(Bucket).WithObject("tombstone"))).Size.ShouldBe(0);
        (await GetAsync(minio, "tombstone")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Buckets_are_made_listed_and_removed()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio();

        (await minio.BucketExistsAsync(new BucketExistsArgs().WithBucket(Bucket))).ShouldBeFalse();
        await MakeBucketAsync(minio);
        (await minio.BucketExistsAsync(new BucketExistsArgs().WithBucket(Bucket))).ShouldBeTrue();
        (await minio.ListBucketsAsync()).Buckets.Select(b => b.Name).ShouldBe([Bucket]);
        // The SDK's own translation of BucketAlreadyOwnedByYou.
        await Should.ThrowAsync<ArgumentException>(() => MakeBucketAsync(minio));
        await minio.RemoveBucketAsync(new RemoveBucketArgs().WithBucket(Bucket));
        (await minio.BucketExistsAsync(new BucketExistsArgs().WithBucket(Bucket))).ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_without_a_region_asks_for_the_location()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = new MinioClient().WithEndpoint(server.Url.Authority).WithCredentials(Account.AccessKey, Account.SecretKey).Build();

        await MakeBucketAsync(minio);
        await PutAsync(minio, "key", [1]);

        (await GetAsync(minio, "key")).ShouldBe([1]);
    }

    [Fact]
    public async Task Listing_pages_through_all_objects_in_order()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio();
        await MakeBucketAsync(minio);
        var keys = Enumerable.Range(0, 1_200).Select(i => $"list/{i % 5}/k {i:D5}").ToArray();
        await Parallel.ForEachAsync(keys, async (key, _) => await server.S3.PutAsync("/images/" + key.Replace(" ", "%20"), [1]));

        var all = await ListAsync(minio, new ListObjectsArgs().WithBucket(Bucket).WithPrefix("list/").WithRecursive(true));
        var folders = await ListAsync(minio, new ListObjectsArgs().WithBucket(Bucket).WithPrefix("list/"));
        // The SDK does not ask for a second page in version 1.
        var version1 = await ListAsync(minio, new ListObjectsArgs().WithBucket(Bucket).WithRecursive(true).WithListObjectsV1(true));

        all.SequenceEqual(keys.Order(StringComparer.Ordinal)).ShouldBeTrue();
        folders.ShouldBe(["list/0/", "list/1/", "list/2/", "list/3/", "list/4/"]);
        version1.SequenceEqual(all.Take(1000)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_removed_object_is_gone()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio();
        await MakeBucketAsync(minio);
        await PutAsync(minio, "key", [1]);

        await minio.RemoveObjectAsync(new RemoveObjectArgs().WithBucket(Bucket).WithObject("key"));

        await Should.ThrowAsync<ObjectNotFoundException>(() => minio.StatObjectAsync(new StatObjectArgs().WithBucket(Bucket).WithObject("key")));
        await Should.ThrowAsync<ObjectNotFoundException>(() => GetAsync(minio, "key"));
        await minio.RemoveObjectAsync(new RemoveObjectArgs().WithBucket(Bucket).WithObject("key"));
    }

    [Fact]
    public async Task A_missing_bucket_is_named_as_the_reason()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio();

        await Should.ThrowAsync<BucketNotFoundException>(() => PutAsync(minio, "key", [1]));
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio(secretKey: "another secret");

        await Should.ThrowAsync<AuthorizationException>(() => MakeBucketAsync(minio));

        (await server.S3.GetAsync("/")).Values("Buckets", "Bucket").ShouldBeEmpty();
    }

    [Fact]
    public async Task An_object_that_exists_is_not_overwritten_when_the_key_must_be_free()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio();
        await MakeBucketAsync(minio);
        PutObjectArgs Put(byte content) => new PutObjectArgs().WithBucket(Bucket).WithObject("record.json")
            .WithStreamData(new MemoryStream([content])).WithObjectSize(1).WithNotMatchETag("*");
        await minio.PutObjectAsync(Put(1));

        await Should.ThrowAsync<PreconditionFailedException>(() => minio.PutObjectAsync(Put(2)));

        (await GetAsync(minio, "record.json")).ShouldBe([1]);
    }

    static Task MakeBucketAsync(IMinioClient minio) => minio.MakeBucketAsync(new MakeBucketArgs().WithBucket(Bucket));

    static Task<Minio.DataModel.Response.PutObjectResponse> PutAsync(
        IMinioClient minio, string key, byte[] bytes, Dictionary<string, string>? headers = null)
    {
        var args = new PutObjectArgs().WithBucket(Bucket).WithObject(key).WithStreamData(new MemoryStream(bytes))
            .WithObjectSize(bytes.Length).WithContentType("image/png");
        return minio.PutObjectAsync(headers is null ? args : args.WithHeaders(headers));
    }

    static async Task<byte[]> GetAsync(IMinioClient minio, string key)
    {
        var copy = new MemoryStream();
        await minio.GetObjectAsync(new GetObjectArgs().WithBucket(Bucket).WithObject(key)
            .WithCallbackStream((stream, token) => stream.CopyToAsync(copy, token)));
        return copy.ToArray();
    }

    static async Task<List<string>> ListAsync(IMinioClient minio, ListObjectsArgs args)
    {
        var keys = new List<string>();
        await foreach (var item in minio.ListObjectsEnumAsync(args)) keys.Add(item.Key);
        return keys;
    }
}
