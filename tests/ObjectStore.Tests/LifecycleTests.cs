using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Minio;
using Minio.DataModel.Args;
using Minio.DataModel.ILM;

namespace SdAspire.ObjectStore.Tests;

/// <summary>Objects that expire.</summary>
public sealed class LifecycleTests
{
    const string Target = "/images?lifecycle";

    // Ten past ten, so that the rounding to midnight shows.
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 10, 10, 0, TimeSpan.Zero));

    [Fact]
    public async Task What_is_set_is_what_is_read_until_it_is_removed()
    {
        await using var server = await TestServer.StartAsync();
        await server.S3.PutAsync("/images");
        (await server.S3.GetAsync(Target)).Error.ShouldBe("NoSuchLifecycleConfiguration");

        var put = await server.S3.PutAsync(Target, Xml(
            """
            <Rule><ID>pictures</ID><Filter><Prefix>0</Prefix></Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>
            <Rule><Prefix>logs/</Prefix><Status>Disabled</Status><Expiration><Days>1</Days></Expiration></Rule>
            """));

        put.Status.ShouldBe(HttpStatusCode.OK, Encoding.UTF8.GetString(put.Body));
        var read = await server.S3.GetAsync(Target);
        read.Xml.Name.ToString().ShouldBe("{http://s3.amazonaws.com/doc/2006-03-01/}LifecycleConfiguration");
        read.Values("Rule", "ID")[0].ShouldBe("pictures");
        read.Values("Rule", "ID")[1].ShouldNotBeEmpty();
        read.Values("Rule", "Filter", "Prefix").ShouldBe(["0", "logs/"]);
        read.Values("Rule", "Status").ShouldBe(["Enabled", "Disabled"]);
        read.Values("Rule", "Expiration", "Days").ShouldBe(["7", "1"]);
        (await server.S3.DeleteAsync(Target)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await server.S3.GetAsync(Target)).Error.ShouldBe("NoSuchLifecycleConfiguration");
        (await server.S3.DeleteAsync(Target)).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("MalformedXML", "not xml")]
    [InlineData("MalformedXML", "")]
    [InlineData("MalformedXML", "<Other/>")]
    [InlineData("MalformedXML", "<LifecycleConfiguration/>")]
    [InlineData("MalformedXML", "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status></Rule></LifecycleConfiguration>")]
    [InlineData("MalformedXML", "<LifecycleConfiguration><Rule><Filter/><Status>On</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>")]
    [InlineData("MalformedXML", "<LifecycleConfiguration><Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>")]
    [InlineData("MalformedXML", "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>soon</Days></Expiration></Rule></LifecycleConfiguration>")]
    [InlineData("InvalidArgument", "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>0</Days></Expiration></Rule></LifecycleConfiguration>")]
    [InlineData("NotImplemented", "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration></Rule></LifecycleConfiguration>")]
    [InlineData("NotImplemented", "<LifecycleConfiguration><Rule><Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>")]
    [InlineData("NotImplemented", "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration><Transition><Days>1</Days></Transition></Rule></LifecycleConfiguration>")]
    public async Task What_cannot_be_kept_is_refused_and_nothing_is_changed(string code, string body)
    {
        await using var server = await TestServer.StartAsync();
        await server.S3.PutAsync("/images");

        (await server.S3.PutAsync(Target, Encoding.UTF8.GetBytes(body))).Error.ShouldBe(code);
        (await server.S3.GetAsync(Target)).Error.ShouldBe("NoSuchLifecycleConfiguration");
    }

    [Fact]
    public async Task It_is_a_buckets_alone()
    {
        await using var server = await TestServer.StartAsync();
        (await server.S3.GetAsync("/nothing?lifecycle")).Error.ShouldBe("NoSuchBucket");
        await server.S3.PutAsync("/images");
        (await server.S3.PutAsync("/images/key?lifecycle", [1])).Error.ShouldBe("NotImplemented");
        (await server.S3.GetAsync("/images/key")).Error.ShouldBe("NoSuchKey");
    }

    [Fact]
    public async Task Objects_expire_at_the_midnight_after_their_days_also_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using (var server = await TestServer.StartAsync(folder.Path, _time))
        {
            await SendAsync(server, "PUT", "/images");
            await SendAsync(server, "PUT", Target, Xml(
                """
                <Rule><Filter><Prefix>0</Prefix></Filter><Status>Enabled</Status><Expiration><Days>2</Days></Expiration></Rule>
                <Rule><Filter><Prefix>off/</Prefix></Filter><Status>Disabled</Status><Expiration><Days>1</Days></Expiration></Rule>
                """));
            foreach (var key in (string[])["01.png", "02.png", "off/1", "keys/1"])
                await SendAsync(server, "PUT", $"/images/{key}", [1]);
            // 2 days are over on the third at ten past ten, midnight comes on the fourth.
            _time.Advance(TimeSpan.FromHours(61));
            await SendAsync(server, "PUT", "/images/02.png", [1]);
            (await KeysAsync(server)).ShouldBe(["01.png", "02.png", "keys/1", "off/1"]);
        }

        await using var restarted = await TestServer.StartAsync(folder.Path, _time);
        (await KeysAsync(restarted)).ShouldBe(["01.png", "02.png", "keys/1", "off/1"]);
        _time.Advance(TimeSpan.FromHours(2));
        await SweptAsync(restarted, "02.png", "keys/1", "off/1");
        (await SendAsync(restarted, "GET", "/images/01.png")).Error.ShouldBe("NoSuchKey");
        Directory.GetFiles(Path.Combine(folder.Path, "buckets", "images", "objects")).Length.ShouldBe(3);

        _time.Advance(TimeSpan.FromDays(3));
        await SweptAsync(restarted, "keys/1", "off/1");
    }

    [Fact]
    public async Task A_file_of_rules_that_cannot_be_read_deletes_nothing()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "buckets", "images", "lifecycle.json");
        await using (var server = await TestServer.StartAsync(folder.Path))
        {
            await server.S3.PutAsync("/images");
            await server.S3.PutAsync("/images/key", [1]);
        }
        File.WriteAllText(file, "{\"rules\":");

        await using var restarted = await TestServer.StartAsync(folder.Path);

        (await restarted.S3.GetAsync(Target)).Error.ShouldBe("NoSuchLifecycleConfiguration");
        (await restarted.S3.GetAsync("/images/key")).Status.ShouldBe(HttpStatusCode.OK);
        File.Exists(file).ShouldBeFalse();
    }

    [Fact]
    public async Task The_MinIO_SDK_sets_reads_and_removes_it()
    {
        await using var server = await TestServer.StartAsync();
        using var minio = server.Minio();
        await minio.MakeBucketAsync(new MakeBucketArgs().WithBucket("images"));
        var configuration = new LifecycleConfiguration
        {
            Rules = [new LifecycleRule { ID = "ours", Status = "Enabled", Filter = new RuleFilter { Prefix = "0" }, Expiration = new Expiration { Days = 30 } }],
        };

        await minio.SetBucketLifecycleAsync(new SetBucketLifecycleArgs().WithBucket("images").WithLifecycleConfiguration(configuration));
        var read = await minio.GetBucketLifecycleAsync(new GetBucketLifecycleArgs().WithBucket("images"));

        var rule = read.Rules.ShouldHaveSingleItem();
        (rule.ID, rule.Status, rule.Filter.Prefix, rule.Expiration.Days).ShouldBe(("ours", "Enabled", "0", 30));
        await minio.RemoveBucketLifecycleAsync(new RemoveBucketLifecycleArgs().WithBucket("images"));
        (await server.S3.GetAsync(Target)).Error.ShouldBe("NoSuchLifecycleConfiguration");
    }

    static byte[] Xml(string rules) =>
        Encoding.UTF8.GetBytes($"<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rules}</LifecycleConfiguration>");

    Task<S3Response> SendAsync(TestServer server, string method, string target, byte[]? body = null) =>
        server.S3.SendAsync(new S3Request(method, target) { Body = body ?? [], Date = _time.GetUtcNow() });

    // The clock goes on, so that a sweep comes whenever the last one was.
    Task SweptAsync(TestServer server, params string[] left) => Eventually.HoldsAsync(async () =>
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        return (await KeysAsync(server)).SequenceEqual(left);
    }, "the sweep");

    async Task<IReadOnlyList<string>> KeysAsync(TestServer server) =>
        (await SendAsync(server, "GET", "/images?list-type=2")).Values("Contents", "Key");
}
