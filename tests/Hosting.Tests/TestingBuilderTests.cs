using Aspire.Hosting.Testing;

namespace SdAspire.Hosting.Tests;

public sealed class TestingBuilderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AppHostPausesBeforeItBuildsAndBeforeItStarts()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(["--folder", _folder.Path]);
        builder.Resources.Select(r => r.Name).ShouldBe(["first", "second", "stubborn"]);
        builder.AppHostDirectory.ShouldBe(Path.Combine(Repository.Root, "tests", "samples", "SampleAppHost"));

        await using var app = await builder.BuildAsync();
        File.Exists(_folder["first.pid"]).ShouldBeFalse();

        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("second").WaitAsync(Eventually.Generous);
        await Eventually.TrueAsync(() => File.Exists(_folder["second.pid"]));
        await app.StopAsync();
        await Eventually.TrueAsync(() => File.Exists(_folder["stopped"]));
    }

    [Fact]
    public async Task ExceptionOfTheAppHostReachesTheTest() =>
        (await Should.ThrowAsync<InvalidOperationException>(() => DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(
            ["--folder", _folder.Path, "--fault", "as asked"]))).Message.ShouldBe("as asked");

    [Fact]
    public async Task FailureAtTheStartReachesTheTest()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(["--folder", _folder.Path]);
        builder.AddParameter("missing");
        await using var app = await builder.BuildAsync();

        await Should.ThrowAsync<MissingParameterValueException>(() => app.StartAsync());
    }

    [Fact]
    public async Task PortsAreNeverThoseOfAnOrdinaryRun()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(["--folder", _folder.Path]);
        const int Given = 18080;
        builder.AddExecutable("web", "sleep", "/", "1000").WithHttpEndpoint(port: Given);
        await using var app = await builder.BuildAsync();
        await app.StartAsync();

        app.GetEndpoint("web").Port.ShouldNotBe(Given);
    }

    [Fact]
    public async Task BuilderThatIsNotUsedEndsItsAppHost()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(["--folder", _folder.Path]);
        await builder.DisposeAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => builder.BuildAsync());
    }
}
