using System.Security.Cryptography;

namespace SdAspire.ObjectStore.Tests;

/// <summary>s3cmd: a client of its own, which asks more of a server than the services do.</summary>
public sealed class S3cmdTests : IAsyncLifetime
{
    readonly TemporaryFolder _files = new();
    TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        // In a file, because arguments are for everybody to see.
        await File.WriteAllTextAsync(Configuration, $"""
            [default]
            access_key = {Account.AccessKey}
            secret_key = {Account.SecretKey}
            host_base = {_server.Url.Authority}
            host_bucket = {_server.Url.Authority}
            bucket_location = {Account.Region}
            use_https = False
            encoding = UTF-8
            multipart_chunk_size_mb = 5
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _files.Dispose();
    }

    string Configuration => Path.Combine(_files.Path, "s3cfg");

    [Theory]
    [InlineData("heart.png", 200_000)]
    [InlineData("a b+c/hjärta ❤.png", 1)]
    [InlineData("empty", 0)]
    [InlineData("big", 11_000_000)]
    public async Task S3cmd_stores_copies_moves_reads_and_deletes(string key, int size)
    {
        var (file, read) = (Path.Combine(_files.Path, "file"), Path.Combine(_files.Path, "read"));
        var bytes = RandomNumberGenerator.GetBytes(size);
        await File.WriteAllBytesAsync(file, bytes);

        await RunAsync("mb", "s3://images");
        await RunAsync("put", file, $"s3://images/{key}");
        await RunAsync("cp", $"s3://images/{key}", $"s3://images/copy of {key}");
        await RunAsync("mv", $"s3://images/copy of {key}", $"s3://images/moved/{key}");
        await RunAsync("get", $"s3://images/moved/{key}", read);

        (await File.ReadAllBytesAsync(read)).ShouldBe(bytes);
        (await RunAsync("ls", "--recursive", "s3://images")).ShouldSatisfyAllConditions(
            listed => listed.ShouldContain($"s3://images/{key}"), listed => listed.ShouldContain($"s3://images/moved/{key}"),
            listed => listed.ShouldNotContain("copy of"));
        (await RunAsync("multipart", "s3://images")).TrimEnd().ShouldEndWith("Initiated\tPath\tId");
        await RunAsync("del", $"s3://images/{key}", $"s3://images/moved/{key}");
        (await RunAsync("ls", "--recursive", "s3://images")).ShouldBeEmpty();
        await RunAsync("rb", "s3://images");
        (await RunAsync("ls")).ShouldBeEmpty();
    }

    [Fact]
    public async Task S3cmd_empties_a_bucket_of_1200_objects_and_syncs_a_folder()
    {
        var (from, to) = (Path.Combine(_files.Path, "from/"), Path.Combine(_files.Path, "to/"));
        Directory.CreateDirectory(Path.Combine(from, "sub"));
        Directory.CreateDirectory(to);
        foreach (var name in (string[])["a", "b c", "sub/d"]) await File.WriteAllTextAsync(Path.Combine(from, name), name);
        await RunAsync("mb", "s3://images");
        await Parallel.ForEachAsync(Enumerable.Range(0, 1200), async (i, _) => await _server.S3.PutAsync($"/images/list/k%20{i:D4}", [1]));

        (await RunAsync("ls", "s3://images/list/")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1200);
        await RunAsync("del", "--recursive", "--force", "s3://images");
        (await RunAsync("ls", "--recursive", "s3://images")).ShouldBeEmpty();
        await RunAsync("sync", from, "s3://images/f/");
        await RunAsync("sync", "s3://images/f/", to);

        foreach (var name in (string[])["a", "b c", "sub/d"]) (await File.ReadAllTextAsync(Path.Combine(to, name))).ShouldBe(name);
    }

    [Fact]
    public async Task S3cmd_with_a_wrong_password_is_refused()
    {
        var configuration = await File.ReadAllTextAsync(Configuration);
        await File.WriteAllTextAsync(Configuration, configuration.Replace(Account.SecretKey, "not the secret"));

        var (exitCode, _, error) = await Tool.RunAsync("s3cmd", ["--config", Configuration, "ls"]);

        exitCode.ShouldNotBe(0);
        error.ShouldContain("SignatureDoesNotMatch");
    }

    async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await Tool.RunAsync("s3cmd", ["--config", Configuration, "--no-progress", .. arguments]);
        exitCode.ShouldBe(0, $"s3cmd {string.Join(' ', arguments)}: {error}");
        return output;
    }
}
