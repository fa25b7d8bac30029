using Aspire.Hosting.Testing;

namespace SdAspire.Hosting.Tests.Publishing;

/// <summary>
/// <c>Charts/</c> holds what Aspire 13.5 itself published of the models of tests/samples/ChartAppHost, which compiles
/// against both: built with <c>-p:UseAspirePackages=true -p:ChartOfAspire=true</c> it writes them anew.
/// </summary>
public sealed class ChartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("farm")]
    [InlineData("studio")]
#if KEDA
    [InlineData("queue")]
#endif
    public async Task The_chart_is_Aspires_file_by_file(string model)
    {
        var run = await Publishing.RunAsync("--model", model, "--output-path", _folder["chart"]);

        run.ExitCode.ShouldBe(0, run.Output);
        var (expected, chart) = (Charts.Read(Charts.Aspires(model)), Charts.Read(_folder["chart"]));
        chart.Keys.ShouldBe(expected.Keys, ignoreOrder: true);
        foreach (var (path, content) in expected) chart[path].ShouldBe(content, path);
    }

    [Fact]
    public async Task A_test_can_publish_an_AppHost()
    {
        string[] args = ["--operation", "publish", "--step", "publish", "--output-path", _folder["chart"]];
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ChartAppHost>(args);
        await using var app = await builder.BuildAsync();

        await app.RunAsync().WaitAsync(Eventually.Generous);

        Charts.Read(_folder["chart"]).Keys.ShouldBe(Charts.Read(Charts.Aspires("farm")).Keys, ignoreOrder: true);
    }

    [Fact]
    public void While_the_application_runs_the_cluster_is_no_resource()
    {
        var builder = Applications.Create(_folder);
        builder.AddKubernetesEnvironment("k8s");
        builder.Resources.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Farm!")]
    [InlineData(" ")]
    public void A_chart_cannot_have_every_name(string name)
    {
        var builder = Applications.Create(_folder);
        Should.Throw<ArgumentException>(() => builder.AddKubernetesEnvironment("k8s").WithHelm(helm => helm.WithChartName(name)));
    }

    [Theory]
    [InlineData("1.2.3", true)]
    [InlineData("v1.0", true)]
    [InlineData("1.2.3-beta.1+build", true)]
    [InlineData("01.2", false)]
    [InlineData("latest", false)]
    public void The_version_of_a_chart_is_a_semantic_one(string version, bool isValid)
    {
        var environment = Applications.Create(_folder).AddKubernetesEnvironment("k8s");
        var set = () => { environment.WithHelm(helm => helm.WithChartVersion(version)); };
        if (isValid) set.ShouldNotThrow();
        else set.ShouldThrow<ArgumentException>().Message.ShouldContain(version);
    }
}
