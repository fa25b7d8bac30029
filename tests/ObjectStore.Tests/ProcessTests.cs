using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;

namespace SdAspire.ObjectStore.Tests;

/// <summary>The program: its configuration, its lock, its end.</summary>
public sealed class ProcessTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ObjectStore__DataPath", null, "ObjectStore__DataPath is missing")]
    [InlineData("ObjectStore__AccessKey", null, "ObjectStore__AccessKey is missing")]
    [InlineData("ObjectStore__SecretKey", null, "ObjectStore__SecretKey is missing")]
    [InlineData("ObjectStore__SecretKey", "short", "ObjectStore__SecretKey must have at least 8 characters")]
    [InlineData("ObjectStore__AccessKey", "a/b", "ObjectStore__AccessKey must be ASCII")]
    [InlineData("ObjectStore__MaxObjectBytes", "0", "ObjectStore__MaxObjectBytes must be positive")]
    [InlineData("ObjectStore__MaxObjectBytes", "many", "MaxObjectBytes")]
    [InlineData("ObjectStore__AbandonedUploadsAfter", "00:00:00", "ObjectStore__AbandonedUploadsAfter must be positive")]
    [InlineData("ASPNETCORE_URLS", "nonsense", "nonsense")]
    public async Task Wrong_configuration_is_one_line_and_exit_code_2(string name, string? value, string message)
    {
        var (exitCode, output) = await ServerProcess.RunAsync(_folder.Path, (name, value));

        exitCode.ShouldBe(2);
        output.ShouldHaveSingleItem().ShouldContain(message);
        output[0].ShouldStartWith("ObjectStore: ");
    }

    [Fact]
    public async Task In_MinIOs_place_it_takes_MinIOs_account_and_arguments()
    {
        (string, string?)[] minio =
        [
            ("ObjectStore__AccessKey", null), ("ObjectStore__SecretKey", null),
            ("MINIO_ROOT_USER", "minio"), ("MINIO_ROOT_PASSWORD", "miniosecret"),
        ];
        var (server, url) = await ServerProcess.StartAsync(_folder.Path, minio, "server", "/data", "--console-address", ":9001");
        using var _ = server;
        using var http = new HttpClient { BaseAddress = url };

        (await new S3Client(http, "minio", "miniosecret", Account.Region).PutAsync("/images")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_second_process_on_the_folder_says_so_and_the_first_goes_on()
    {
        var (first, url) = await ServerProcess.StartAsync(_folder.Path);
        using var _ = first;

        var (exitCode, output) = await ServerProcess.RunAsync(_folder.Path);

        exitCode.ShouldBe(1);
        output.ShouldHaveSingleItem().ShouldBe($"ObjectStore: data folder {_folder.Path} is in use by another process");
        using var http = new HttpClient();
        (await http.GetAsync(new Uri(url, "/health"))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var (exitCode, output) = await ServerProcess.RunAsync(_folder.Path, ("ASPNETCORE_URLS", $"http://{taken.LocalEndpoint}"));

        exitCode.ShouldBe(1);
        output.ShouldHaveSingleItem().ShouldContain("address already in use");
    }

    [Fact]
    public async Task SIGTERM_ends_it_with_0_and_frees_the_folder()
    {
        var (server, url) = await ServerProcess.StartAsync(_folder.Path);
        using var _ = server;
        using var http = new HttpClient { BaseAddress = url };
        await new S3Client(http, Account.AccessKey, Account.SecretKey, Account.Region).PutAsync("/images");

        using (var kill = Process.Start("kill", ["-TERM", $"{server.Id}"])) await kill.WaitForExitAsync();

        (await server.WaitAsync()).ShouldBe(0);
        server.Output.ShouldAllBe(line => !line.Contains(Account.SecretKey));
        await using var next = await TestServer.StartAsync(_folder.Path);
        (await next.S3.HeadAsync("/images")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void Without_an_address_it_listens_on_loopback_only()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("ASPNETCORE_URLS") is not null, "ASPNETCORE_URLS is set here");

        ObjectStoreApp.CreateBuilder().WebHost.GetSetting(WebHostDefaults.ServerUrlsKey).ShouldBe("http://127.0.0.1:9000");
    }
}
