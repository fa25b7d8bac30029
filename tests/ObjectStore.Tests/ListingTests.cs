using System.Net;
using System.Text;

namespace SdAspire.ObjectStore.Tests;

/// <summary>ListObjectsV2 and its first version, against a plain model of what a listing is.</summary>
public sealed class ListingTests(ListingTests.Filled filled) : IClassFixture<ListingTests.Filled>
{
    // Two of the keys are in another order by UTF-16 than by UTF-8, which is S3's.
    static readonly string[] Keys =
    [
        .. Enumerable.Range(0, 300).Select(i => $"run-{i % 7}/step-{i % 3}/{i:D4}.png"),
        .. Enumerable.Range(0, 50).Select(i => $"top {i:D2}+%"), "run-0", "run-0/", "run-0/step-0", "\uE000", "\U0001F600", "!", "~",
    ];

    static readonly string[] Sorted = [.. Keys.OrderBy(key => Convert.ToHexString(Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal)];

    public static TheoryData<string, string, int> Queries
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            foreach (var prefix in (string[])["", "run-", "run-0", "run-0/", "run-3/step-1/", "top", "none", "\U0001F600"])
                foreach (var delimiter in (string[])["", "/", "step-"])
                    foreach (var size in (int[])[1, 7, 1000])
                        if (size > 1 || prefix is not "" and not "run-") data.Add(prefix, delimiter, size);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Version_2_pages_through_everything_once(string prefix, string delimiter, int size)
    {
        var (names, token) = (new List<string>(), (string?)null);
        do
        {
            var page = await ListAsync(("list-type", "2"), ("prefix", prefix), ("delimiter", delimiter), ("max-keys", $"{size}"),
                ("continuation-token", token));
            var here = Names(page);
            here.Count.ShouldBeLessThanOrEqualTo(size);
            page.Value("KeyCount").ShouldBe($"{here.Count}");
            names.AddRange(here);
            token = page.Value("NextContinuationToken");
            page.Value("IsTruncated").ShouldBe(token is null ? "false" : "true");
            if (token is not null) here.Count.ShouldBe(size);
        }
        while (token is not null);

        names.ShouldBe(Expected(prefix, delimiter));
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Version_1_pages_through_everything_once(string prefix, string delimiter, int size)
    {
        var (names, marker, truncated) = (new List<string>(), (string?)null, true);
        while (truncated)
        {
            var page = await ListAsync(("prefix", prefix), ("delimiter", delimiter), ("max-keys", $"{size}"), ("marker", marker));
            names.AddRange(Names(page));
            marker = page.Value("NextMarker");
            truncated = page.Value("IsTruncated") == "true";
        }

        names.ShouldBe(Expected(prefix, delimiter));
    }

    [Fact]
    public async Task Start_after_skips_what_is_before()
    {
        var page = await ListAsync(("list-type", "2"), ("start-after", "run-6/step-2/0146.png"));

        page.Values("Contents", "Key").ShouldBe(Sorted[(Array.IndexOf(Sorted, "run-6/step-2/0146.png") + 1)..]);
        page.Value("StartAfter").ShouldBe("run-6/step-2/0146.png");
    }

    [Fact]
    public async Task An_entry_says_what_the_object_is()
    {
        var page = await ListAsync(("list-type", "2"), ("prefix", "run-0/step-0/0000"), ("fetch-owner", "true"));

        page.Value("Name").ShouldBe("images");
        page.Value("Contents", "Size").ShouldBe("3");
        page.Value("Contents", "ETag").ShouldBe("\"5289df737df57326fcdd22597afb1fac\"");
        page.Value("Contents", "StorageClass").ShouldBe("STANDARD");
        page.Value("Contents", "Owner", "ID").ShouldNotBeNullOrEmpty();
        DateTimeOffset.Parse(page.Value("Contents", "LastModified")!).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Names_can_be_asked_for_in_encoded_form()
    {
        var page = await ListAsync(("list-type", "2"), ("prefix", "top 00+"), ("encoding-type", "url"));

        page.Value("EncodingType").ShouldBe("url");
        page.Value("Prefix").ShouldBe("top%2000%2B");
        page.Values("Contents", "Key").ShouldBe(["top%2000%2B%25"]);
    }

    [Fact]
    public async Task A_page_of_nothing_is_empty_and_the_last()
    {
        var page = await ListAsync(("list-type", "2"), ("max-keys", "0"));

        page.Values("Contents").ShouldBeEmpty();
        page.Value("IsTruncated").ShouldBe("false");
    }

    [Fact]
    public async Task A_page_holds_at_most_a_thousand() =>
        (await ListAsync(("list-type", "2"), ("max-keys", "5000"))).Value("MaxKeys").ShouldBe("1000");

    [Theory]
    [InlineData("max-keys", "-1")]
    [InlineData("max-keys", "many")]
    [InlineData("continuation-token", "!")]
    [InlineData("encoding-type", "base64")]
    [InlineData("list-type", "3")]
    public async Task A_wrong_argument_is_named(string name, string value)
    {
        var response = name == "list-type" ? await ListAsync((name, value)) : await ListAsync(("list-type", "2"), (name, value));

        response.Status.ShouldBe(HttpStatusCode.BadRequest);
        response.Error.ShouldBe("InvalidArgument");
        response.Value("ArgumentName").ShouldBe(name);
    }

    [Fact]
    public async Task A_missing_bucket_is_named()
    {
        var response = await filled.Server.S3.GetAsync("/no-such-bucket?list-type=2");

        response.Status.ShouldBe(HttpStatusCode.NotFound);
        response.Error.ShouldBe("NoSuchBucket");
        response.Value("BucketName").ShouldBe("no-such-bucket");
    }

    Task<S3Response> ListAsync(params (string Name, string? Value)[] query) => filled.Server.S3.GetAsync("/images?" + string.Join('&',
        query.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}")));

    static IReadOnlyList<string> Names(S3Response page) =>
        [.. page.Values("Contents", "Key").Concat(page.Values("CommonPrefixes", "Prefix")).OrderBy(Hex, StringComparer.Ordinal)];

    static string[] Expected(string prefix, string delimiter) => [.. Sorted
        .Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(key => delimiter != "" && key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is >= 0 and var at
            ? key[..(at + delimiter.Length)] : key)
        .Distinct().OrderBy(Hex, StringComparer.Ordinal)];

    static string Hex(string key) => Convert.ToHexString(Encoding.UTF8.GetBytes(key));

    /// <summary>One server with all keys for all tests, which only read.</summary>
    public sealed class Filled : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await TestServer.StartAsync();
            await Server.S3.PutAsync("/images");
            await Parallel.ForEachAsync(Keys, async (key, _) =>
                (await Server.S3.PutAsync("/images/" + Uri.EscapeDataString(key), [1, 2, 3])).Status.ShouldBe(HttpStatusCode.OK));
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
