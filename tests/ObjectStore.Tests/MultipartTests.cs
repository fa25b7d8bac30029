using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Minio;
using Minio.DataModel.Args;

namespace SdAspire.ObjectStore.Tests;

/// <summary>Objects that come in parts.</summary>
public sealed class MultipartTests : IDisposable
{
    const int PartSize = 5 * 1024 * 1024;
    const string Key = "/images/big";

    readonly TemporaryFolder _folder = new();

    string Uploads => Path.Combine(_folder.Path, "buckets", "images", "uploads");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Parts_in_any_order_become_one_object_with_the_headers_of_its_beginning()
    {
        await using var server = await StartAsync();
        byte[][] parts = [Bytes(PartSize), Bytes(PartSize + 1), Bytes(7)];
        var upload = await Multipart.CreateAsync(server.S3, Key, ("Content-Type", "image/png"), ("x-amz-meta-seed", "42"));
        await upload.PutAsync(3, parts[2]);
        await upload.PutAsync(1, Bytes(PartSize));
        await upload.PutAsync(2, parts[1]);
        await upload.PutAsync(1, parts[0]);
        (await server.S3.GetAsync(Key)).Error.ShouldBe("NoSuchKey");
        (await server.S3.GetAsync("/images")).Values("Contents").ShouldBeEmpty();

        var completed = await upload.CompleteAsync();

        var etag = $"\"{Convert.ToHexStringLower(MD5.HashData([.. parts.SelectMany(MD5.HashData)]))}-3\"";
        completed.Status.ShouldBe(HttpStatusCode.OK);
        completed.Value("ETag").ShouldBe(etag);
        completed.Value("Key").ShouldBe("big");
        completed.Value("Location").ShouldBe(new Uri(server.Url, Key).ToString());
        var read = await server.S3.GetAsync(Key);
        read.Body.ShouldBe([.. parts.SelectMany(part => part)]);
        read.Headers["etag"].ShouldBe(etag);
        read.Headers["content-type"].ShouldBe("image/png");
        read.Headers["x-amz-meta-seed"].ShouldBe("42");
        (await server.S3.GetAsync("/images?uploads")).Values("Upload").ShouldBeEmpty();
        NothingIsLeft();
    }

    [Fact]
    public async Task Only_the_named_parts_count_and_their_numbers_may_have_gaps()
    {
        await using var server = await StartAsync();
        var upload = await Multipart.CreateAsync(server.S3, Key);
        await upload.PutAsync(9_999, Bytes(PartSize));
        var last = Bytes(3);
        await upload.PutAsync(10_000, last);

        (await upload.CompleteAsync(10_000)).Status.ShouldBe(HttpStatusCode.OK);

        (await server.S3.GetAsync(Key)).Body.ShouldBe(last);
        NothingIsLeft();
    }

    [Fact]
    public async Task What_cannot_be_completed_says_why_and_can_be_put_right()
    {
        await using var server = await StartAsync(("MaxObjectBytes", $"{2 * PartSize}"));
        var upload = await Multipart.CreateAsync(server.S3, Key);
        await upload.PutAsync(1, Bytes(PartSize - 1));
        await upload.PutAsync(2, Bytes(PartSize));
        await upload.PutAsync(3, Bytes(PartSize));

        (await upload.CompleteAsync(1, 2)).Error.ShouldBe("EntityTooSmall");
        (await upload.CompleteAsync(3, 2)).Error.ShouldBe("InvalidPartOrder");
        (await upload.CompleteAsync(2, 2)).Error.ShouldBe("InvalidPartOrder");
        (await upload.CompleteAsync(2, 4)).Error.ShouldBe("InvalidPart");
        (await upload.SendCompleteAsync($"<Part><PartNumber>2</PartNumber><ETag>\"{new string('0', 32)}\"</ETag></Part>")).Error.ShouldBe("InvalidPart");
        (await upload.SendCompleteAsync("")).Error.ShouldBe("MalformedXML");
        (await upload.SendCompleteAsync("<Part><PartNumber>x</PartNumber><ETag>y</ETag></Part>")).Error.ShouldBe("MalformedXML");
        await upload.PutAsync(4, Bytes(1));
        (await upload.CompleteAsync(2, 3, 4)).Error.ShouldBe("EntityTooLarge");
        (await server.S3.GetAsync(Key)).Error.ShouldBe("NoSuchKey");

        (await upload.CompleteAsync(2, 3)).Status.ShouldBe(HttpStatusCode.OK);
        NothingIsLeft();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    public async Task A_part_number_is_1_to_10000(string number)
    {
        await using var server = await StartAsync();
        var upload = await Multipart.CreateAsync(server.S3, Key);

        (await server.S3.PutAsync($"{Key}?partNumber={number}&uploadId={upload.Id}", [1])).Error.ShouldBe("InvalidArgument");
    }

    [Fact]
    public async Task An_upload_belongs_to_its_key_and_ends_with_its_abort()
    {
        await using var server = await StartAsync();
        var upload = await Multipart.CreateAsync(server.S3, Key);
        await upload.PutAsync(1, [1]);

        foreach (var other in (string[])[$"/images/other?uploadId={upload.Id}", $"{Key}?uploadId=..%2F{upload.Id}", $"{Key}?uploadId="])
        {
            (await server.S3.GetAsync(other)).Error.ShouldBe("NoSuchUpload");
            (await server.S3.DeleteAsync(other)).Error.ShouldBe("NoSuchUpload");
            (await server.S3.PutAsync($"{other}&partNumber=1", [1])).Error.ShouldBe("NoSuchUpload");
        }
        (await upload.AbortAsync()).Status.ShouldBe(HttpStatusCode.NoContent);

        (await upload.AbortAsync()).Error.ShouldBe("NoSuchUpload");
        (await server.S3.PutAsync($"{Key}?partNumber=1&uploadId={upload.Id}", [1])).Error.ShouldBe("NoSuchUpload");
        (await upload.CompleteAsync()).Error.ShouldBe("NoSuchUpload");
        (await server.S3.GetAsync(Key)).Error.ShouldBe("NoSuchKey");
        NothingIsLeft();
    }

    [Fact]
    public async Task A_client_that_missed_the_answer_to_its_completion_gets_it_again()
    {
        await using var server = await StartAsync();
        var upload = await Multipart.CreateAsync(server.S3, Key);
        await upload.PutAsync(1, [1, 2, 3]);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => upload.CompleteAsync()));

        answers.ShouldAllBe(answer => answer.Status == HttpStatusCode.OK);
        answers.Select(answer => answer.Value("ETag")).Distinct().ShouldHaveSingleItem();
        await server.S3.PutAsync(Key, [4]);
        (await upload.CompleteAsync()).Error.ShouldBe("NoSuchUpload");
        (await server.S3.GetAsync(Key)).Body.ShouldBe([4]);
    }

    [Fact]
    public async Task Parts_that_come_while_the_upload_ends_are_in_time_or_refused()
    {
        await using var server = await StartAsync();
        for (var round = 0; round < 10; round++)
        {
            var upload = await Multipart.CreateAsync(server.S3, Key);
            await upload.PutAsync(1, [1]);
            var parts = Enumerable.Range(2, 12).Select(number =>
                server.S3.PutAsync($"{Key}?partNumber={number}&uploadId={upload.Id}", Bytes(50_000))).ToArray();
            var end = round % 2 == 0 ? upload.AbortAsync() : upload.CompleteAsync();

            (await end).Status.ShouldBe(round % 2 == 0 ? HttpStatusCode.NoContent : HttpStatusCode.OK);
            foreach (var part in await Task.WhenAll(parts))
                if (part.Status != HttpStatusCode.OK) part.Error.ShouldBe("NoSuchUpload");
            NothingIsLeft();
        }
        (await server.S3.GetAsync(Key)).Body.ShouldBe([1]);
    }

    [Fact]
    public async Task A_completion_can_depend_on_the_version()
    {
        await using var server = await StartAsync();
        await server.S3.PutAsync(Key, [1]);
        var upload = await Multipart.CreateAsync(server.S3, Key);
        await upload.PutAsync(1, [2]);

        var refused = await upload.CompleteIfAsync("If-None-Match", "*");

        refused.Error.ShouldBe("PreconditionFailed");
        (await server.S3.GetAsync(Key)).Body.ShouldBe([1]);
        await server.S3.DeleteAsync(Key);
        (await upload.CompleteIfAsync("If-None-Match", "*")).Status.ShouldBe(HttpStatusCode.OK);
        (await server.S3.GetAsync(Key)).Body.ShouldBe([2]);
    }

    [Fact]
    public async Task A_part_is_held_against_its_hashes()
    {
        await using var server = await StartAsync();
        var upload = await Multipart.CreateAsync(server.S3, Key);
        var target = $"{Key}?partNumber=1&uploadId={upload.Id}";

        (await server.S3.SendAsync(new S3Request("PUT", target) { Body = [1], PayloadHash = new string('0', 64) })).Error
            .ShouldBe("XAmzContentSHA256Mismatch");
        (await server.S3.PutAsync(target, [1], ("Content-MD5", Convert.ToBase64String(MD5.HashData([]))))).Error.ShouldBe("BadDigest");

        (await server.S3.GetAsync($"{Key}?uploadId={upload.Id}")).Values("Part").ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "tmp")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_a_part_leaves_nothing_of_it()
    {
        await using var server = await StartAsync();
        var upload = await Multipart.CreateAsync(server.S3, Key);
        var temporary = Path.Combine(_folder.Path, "tmp");
        var body = Bytes(1_000_000);
        using var message = server.S3.Sign(new S3Request("PUT", $"{Key}?partNumber=1&uploadId={upload.Id}") { Body = body });
        using (var connection = new RawConnection(server.Url))
        {
            await connection.SendHeadAsync(message, body.Length);
            await connection.SendAsync(body.AsMemory(0, 500_000));
            await Eventually.HoldsAsync(() => Directory.GetFiles(temporary).Length == 1, "the part begins");
        }

        await Eventually.HoldsAsync(() => Directory.GetFiles(temporary).Length == 0, "what arrived is removed");
        (await server.S3.GetAsync($"{Key}?uploadId={upload.Id}")).Values("Part").ShouldBeEmpty();
        await upload.PutAsync(1, body);
        (await upload.CompleteAsync()).Status.ShouldBe(HttpStatusCode.OK);
        (await server.S3.GetAsync(Key)).Body.ShouldBe(body);
    }

    [Fact]
    public async Task Parts_are_listed_in_pages()
    {
        await using var server = await StartAsync();
        var upload = await Multipart.CreateAsync(server.S3, Key);
        foreach (var number in (int[])[3, 1, 7, 5]) await upload.PutAsync(number, Bytes(number));

        var first = await server.S3.GetAsync($"{Key}?uploadId={upload.Id}&max-parts=3");
        var second = await server.S3.GetAsync($"{Key}?uploadId={upload.Id}&part-number-marker={first.Value("NextPartNumberMarker")}");

        first.Values("Part", "PartNumber").ShouldBe(["1", "3", "5"]);
        first.Values("Part", "Size").ShouldBe(["1", "3", "5"]);
        first.Value("IsTruncated").ShouldBe("true");
        first.Value("UploadId").ShouldBe(upload.Id);
        second.Values("Part", "PartNumber").ShouldBe(["7"]);
        second.Value("IsTruncated").ShouldBe("false");
        (await server.S3.GetAsync($"{Key}?uploadId={upload.Id}&max-parts=-1")).Error.ShouldBe("InvalidArgument");
    }

    [Theory]
    [InlineData("", "", 1)]
    [InlineData("", "", 1000)]
    [InlineData("", "/", 1)]
    [InlineData("", "/", 2)]
    [InlineData("a/", "", 2)]
    [InlineData("a/", "/", 1)]
    public async Task Uploads_are_listed_in_pages_each_once(string prefix, string delimiter, int size)
    {
        string[] keys = ["a/1", "a/1", "a/1", "a/2", "a/b/1", "b", "b", "c/d"];
        await using var server = await StartAsync();
        foreach (var key in keys) await Multipart.CreateAsync(server.S3, "/images/" + key);
        var (names, ids, keyMarker, idMarker) = (new List<string>(), new List<string>(), (string?)"", (string?)"");
        while (keyMarker is not null)
        {
            var page = await server.S3.GetAsync(
                $"/images?uploads&prefix={Uri.EscapeDataString(prefix)}&delimiter={Uri.EscapeDataString(delimiter)}&max-uploads={size}"
                + $"&key-marker={Uri.EscapeDataString(keyMarker)}&upload-id-marker={idMarker}");
            page.Values("Upload").Concat(page.Values("CommonPrefixes")).Count().ShouldBeInRange(1, size);
            names.AddRange(page.Values("Upload", "Key"));
            names.AddRange(page.Values("CommonPrefixes", "Prefix"));
            ids.AddRange(page.Values("Upload", "UploadId"));
            (keyMarker, idMarker) = (page.Value("NextKeyMarker"), page.Value("NextUploadIdMarker"));
            page.Value("IsTruncated").ShouldBe(keyMarker is null ? "false" : "true");
        }

        var here = keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToLookup(key => GroupOf(key, prefix, delimiter));
        string[] expected = [.. here[null], .. here.Select(group => group.Key).OfType<string>()];
        names.Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal));
        ids.Distinct().Count().ShouldBe(ids.Count);
    }

    [Fact]
    public async Task An_upload_goes_on_after_a_restart_and_torn_parts_do_not()
    {
        Multipart upload;
        var part = Bytes(PartSize);
        await using (var server = await StartAsync())
        {
            upload = await Multipart.CreateAsync(server.S3, Key, ("x-amz-meta-seed", "7"));
            await upload.PutAsync(1, part);
            await upload.PutAsync(2, [2]);
            await upload.PutAsync(3, [3]);
        }
        var torn = Path.Combine(Uploads, upload.Id, "00002");
        File.WriteAllBytes(torn, File.ReadAllBytes(torn)[..^1]);
        Directory.CreateDirectory(Path.Combine(Uploads, "not-an-upload"));

        await using var restarted = await TestServer.StartAsync(_folder.Path);
        var again = upload.On(restarted.S3);

        (await restarted.S3.GetAsync($"{Key}?uploadId={upload.Id}")).Values("Part", "PartNumber").ShouldBe(["1", "3"]);
        (await again.CompleteAsync(1, 2, 3)).Error.ShouldBe("InvalidPart");
        (await again.CompleteAsync(1, 3)).Status.ShouldBe(HttpStatusCode.OK);
        var read = await restarted.S3.GetAsync(Key);
        read.Body.ShouldBe([.. part, 3]);
        read.Headers["x-amz-meta-seed"].ShouldBe("7");
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "set-aside")).Length.ShouldBe(2);
        NothingIsLeft();
    }

    [Fact]
    public async Task An_upload_whose_object_was_stored_before_a_crash_is_cleared_away_and_its_answer_kept()
    {
        Multipart upload;
        var copy = Path.Combine(_folder.Path, "copy");
        await using (var server = await StartAsync())
        {
            upload = await Multipart.CreateAsync(server.S3, Key);
            await upload.PutAsync(1, [1]);
            Directory.CreateDirectory(copy);
            foreach (var file in Directory.GetFiles(Path.Combine(Uploads, upload.Id))) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            (await upload.CompleteAsync()).Status.ShouldBe(HttpStatusCode.OK);
        }
        // As if the power had gone between the object's rename and the end of its upload.
        Directory.Move(copy, Path.Combine(Uploads, upload.Id));

        await using var restarted = await TestServer.StartAsync(_folder.Path);

        NothingIsLeft();
        (await upload.On(restarted.S3).CompleteAsync()).Status.ShouldBe(HttpStatusCode.OK);
        (await restarted.S3.GetAsync(Key)).Body.ShouldBe([1]);
    }

    [Fact]
    public async Task A_bucket_is_deleted_with_its_uploads()
    {
        await using var server = await StartAsync();
        var upload = await Multipart.CreateAsync(server.S3, Key);
        await upload.PutAsync(1, [1]);

        (await server.S3.DeleteAsync("/images")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await upload.CompleteAsync()).Error.ShouldBe("NoSuchBucket");
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "buckets")).ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "tmp")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_abandoned_upload_is_swept_and_one_that_goes_on_is_not()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 10, 10, 0, TimeSpan.Zero));
        await using var server = await TestServer.StartAsync(_folder.Path, time, ("AbandonedUploadsAfter", "06:00:00"));
        async Task<S3Response> SendAsync(string method, string target, byte[]? body = null) =>
            await server.S3.SendAsync(new S3Request(method, target) { Body = body ?? [], Date = time.GetUtcNow() });
        await SendAsync("PUT", "/images");
        var abandoned = (await SendAsync("POST", $"{Key}?uploads")).Value("UploadId")!;
        var kept = (await SendAsync("POST", $"{Key}?uploads")).Value("UploadId")!;
        await SendAsync("PUT", $"{Key}?partNumber=1&uploadId={abandoned}", [1]);
        time.Advance(TimeSpan.FromHours(5));
        (await SendAsync("PUT", $"{Key}?partNumber=1&uploadId={kept}", [2])).Status.ShouldBe(HttpStatusCode.OK);
        time.Advance(TimeSpan.FromMinutes(30));
        (await SendAsync("GET", "/images?uploads")).Values("Upload", "UploadId").Count.ShouldBe(2);

        // The clock goes on, so that a sweep comes whenever the last one was.
        await Eventually.HoldsAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(30));
            return (await SendAsync("GET", "/images?uploads")).Values("Upload", "UploadId").SequenceEqual([kept]);
        }, "the sweep");

        Path.GetFileName(Directory.GetDirectories(Uploads).ShouldHaveSingleItem()).ShouldBe(kept);
        (await SendAsync("PUT", $"{Key}?partNumber=1&uploadId={abandoned}", [1])).Error.ShouldBe("NoSuchUpload");
    }

    [Fact]
    public async Task The_MinIO_SDK_sends_a_large_object_in_parts_by_itself()
    {
        await using var server = await StartAsync();
        using var minio = server.Minio();
        var bytes = Bytes(17 * 1024 * 1024);

        await minio.PutObjectAsync(new PutObjectArgs().WithBucket("images").WithObject("big object")
            .WithStreamData(new MemoryStream(bytes)).WithObjectSize(bytes.Length).WithContentType("image/png"));

        var stat = await minio.StatObjectAsync(new StatObjectArgs().WithBucket("images").WithObject("big object"));
        stat.Size.ShouldBe(bytes.Length);
        stat.ETag.ShouldMatch("^[0-9a-f]{32}-[0-9]+$");
        stat.ContentType.ShouldBe("image/png");
        (await server.S3.GetAsync("/images/big%20object")).Body.ShouldBe(bytes);
        NothingIsLeft();
    }

    [Fact]
    public async Task The_MinIO_SDK_lists_and_removes_what_is_incomplete()
    {
        await using var server = await StartAsync();
        using var minio = server.Minio();
        await Multipart.CreateAsync(server.S3, "/images/a/1");
        await Multipart.CreateAsync(server.S3, "/images/b");

        var listed = new List<string>();
        await foreach (var upload in minio.ListIncompleteUploadsEnumAsync(new ListIncompleteUploadsArgs().WithBucket("images").WithRecursive(true)))
            listed.Add(upload.Key);
        await minio.RemoveIncompleteUploadAsync(new RemoveIncompleteUploadArgs().WithBucket("images").WithObject("b"));

        listed.ShouldBe(["a/1", "b"]);
        (await server.S3.GetAsync("/images?uploads")).Values("Upload", "Key").ShouldBe(["a/1"]);
    }

    async Task<TestServer> StartAsync(params (string Name, string Value)[] settings)
    {
        var server = await TestServer.StartAsync(_folder.Path, settings: settings);
        (await server.S3.PutAsync("/images")).Status.ShouldBe(HttpStatusCode.OK);
        return server;
    }

    static string? GroupOf(string key, string prefix, string delimiter) =>
        delimiter != "" && key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is >= 0 and var at ? key[..(at + 1)] : null;

    static byte[] Bytes(int count) => RandomNumberGenerator.GetBytes(count);

    void NothingIsLeft()
    {
        Directory.GetFileSystemEntries(Uploads).ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "tmp")).ShouldBeEmpty();
    }
}
