using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;

namespace SdAspire.ObjectStore.Tests;

/// <summary>kill -9 in the middle of writes, over and over.</summary>
public sealed class CrashTests : IDisposable
{
    const int Rounds = 6;
    const int Writers = 12;
    const int PartSize = 5 * 1024 * 1024;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_acknowledged_is_there_and_whole_after_every_kill()
    {
        var history = new ConcurrentDictionary<string, KeyHistory>();
        for (var round = 0; round < Rounds; round++)
        {
            var (process, url) = await ServerProcess.StartAsync(_folder.Path);
            using var server = process;
            using var http = new HttpClient { BaseAddress = url };
            var s3 = new S3Client(http, Account.AccessKey, Account.SecretKey, Account.Region);
            await CheckAsync(s3, history, round);

            var acknowledged = 0;
            var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; await WriteAsync(s3, history, $"{writer}/{round % 2}-{i % 10}", i, isMultipart: writer % 4 == 0); i++) Interlocked.Increment(ref acknowledged);
            })).ToArray();
            // Later in every round, so that the kill falls on first writes as well as on overwrites and deletes.
            await Eventually.HoldsAsync(() => Volatile.Read(ref acknowledged) >= 15 + (30 * round), "the writers get on");
            await server.KillAsync();
            await Task.WhenAll(writers);
        }

        var (last, lastUrl) = await ServerProcess.StartAsync(_folder.Path);
        using var _ = last;
        using var lastHttp = new HttpClient { BaseAddress = lastUrl };
        await CheckAsync(new S3Client(lastHttp, Account.AccessKey, Account.SecretKey, Account.Region), history, Rounds);
        history.Values.Count(key => key.Settled is not null).ShouldBeGreaterThan(Writers);
        history.Values.ShouldContain(key => key.Settled != null && key.Settled.EndsWith("-2"));
    }

    /// <summary>Writes or deletes a key; false when the server is gone.</summary>
    static async Task<bool> WriteAsync(S3Client s3, ConcurrentDictionary<string, KeyHistory> history, string key, int i, bool isMultipart)
    {
        var state = history.GetOrAdd(key, _ => new KeyHistory());
        var size = RandomNumberGenerator.GetInt32(1, 300_000) + (isMultipart ? PartSize : 0);
        var body = i % 7 == 6 ? null : RandomNumberGenerator.GetBytes(size);
        var version = body is null ? KeyHistory.Absent : ETagOf(body);
        state.Begin(version);
        try
        {
            var response = body is null ? await s3.DeleteAsync("/images/" + key)
                : isMultipart ? await PutInPartsAsync(s3, "/images/" + key, body)
                : await s3.PutAsync("/images/" + key, body);
            response.Status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);
            state.Acknowledge(version);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    static async Task<S3Response> PutInPartsAsync(S3Client s3, string target, byte[] body)
    {
        var upload = await Multipart.CreateAsync(s3, target);
        await Task.WhenAll(upload.PutAsync(1, body[..PartSize]), upload.PutAsync(2, body[PartSize..]));
        return await upload.CompleteAsync();
    }

    static string ETagOf(byte[] body) => body.Length <= PartSize
        ? Convert.ToHexStringLower(MD5.HashData(body))
        : $"{Convert.ToHexStringLower(MD5.HashData([.. MD5.HashData(body.AsSpan(0, PartSize)), .. MD5.HashData(body.AsSpan(PartSize))]))}-2";

    async Task CheckAsync(S3Client s3, ConcurrentDictionary<string, KeyHistory> history, int round)
    {
        if (round == 0) (await s3.PutAsync("/images")).Status.ShouldBe(HttpStatusCode.OK);
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "tmp")).ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "set-aside")).ShouldBeEmpty();

        var listed = (await s3.GetAsync("/images?list-type=2")).Values("Contents", "Key");
        listed.ShouldAllBe(key => history.ContainsKey(key));
        Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "buckets", "images", "objects")).Length.ShouldBe(listed.Count);
        await EndUploadsAsync(s3, history);
        foreach (var (key, state) in history)
        {
            var response = await s3.GetAsync("/images/" + key);
            var version = response.Status == HttpStatusCode.OK ? ETagOf(response.Body) : KeyHistory.Absent;
            if (response.Status == HttpStatusCode.OK) response.Headers["etag"].ShouldBe($"\"{version}\"");
            else response.Error.ShouldBe("NoSuchKey");
            listed.Contains(key).ShouldBe(version != KeyHistory.Absent);
            state.Possible.ShouldContain(version, $"round {round}, {key}");
            state.Settle(version);
        }
    }

    /// <summary>Uploads that were under way are there to go on with: every part of theirs is whole, and they can be aborted.</summary>
    async Task EndUploadsAsync(S3Client s3, ConcurrentDictionary<string, KeyHistory> history)
    {
        var folder = Path.Combine(_folder.Path, "buckets", "images", "uploads");
        var uploads = await s3.GetAsync("/images?uploads");
        var (keys, ids) = (uploads.Values("Upload", "Key"), uploads.Values("Upload", "UploadId"));
        Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).ShouldBe(ids, ignoreOrder: true);
        foreach (var (key, id) in keys.Zip(ids))
        {
            history[key].IsUnderWay.ShouldBeTrue(key);
            (await s3.GetAsync($"/images/{key}?uploadId={id}")).Values("Part", "PartNumber").ShouldAllBe(number => number == "1" || number == "2");
            (await s3.DeleteAsync($"/images/{key}?uploadId={id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        }
        Directory.GetFileSystemEntries(folder).ShouldBeEmpty();
    }

    /// <summary>What a key may hold: the last acknowledged version, or the one that was under way when the server died.</summary>
    sealed class KeyHistory
    {
        public const string Absent = "absent";

        string? _underWay;

        public string? Settled { get; private set; }

        public bool IsUnderWay => _underWay is not null;

        public IEnumerable<string> Possible => [Settled ?? Absent, _underWay ?? Settled ?? Absent];

        public void Begin(string version) => _underWay = version;

        public void Acknowledge(string version) => (Settled, _underWay) = (version, null);

        public void Settle(string version) => (Settled, _underWay) = (version == Absent && Settled is null ? null : version, null);
    }
}
