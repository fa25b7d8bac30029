using SdAspire.Hosting.Keda;
using SdAspire.Hosting.Keda.Publishing;
using SdAspire.Keda.Settings;
using YamlDotNet.RepresentationModel;

namespace SdAspire.Hosting.Tests.Publishing;

/// <summary>What Hosting/Keda makes of a chart, and of the folder that it is in.</summary>
public sealed class QueueChartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Chart => _folder["chart"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_cluster_may_have_any_name_and_be_declared_after_its_jobs()
    {
        var builder = Publisher();
        AddJob(builder);
        builder.AddKubernetesEnvironment("late").WithDashboard(false);

        await PublishAsync(builder);

        Templates(Chart).ShouldContain("worker/scaledjob.yaml");
        Templates(Chart).ShouldNotContain("worker/deployment.yaml");
        Directory.GetFiles(Chart).Select(Path.GetFileName)
            .ShouldBe(["Chart.yaml", "values.yaml", "values.schema.json"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_change_of_a_template_needs_no_queue_job()
    {
        var builder = Publisher();
        builder.AddContainer("cache", "cache", "1").PublishIf(".Values.cache.enabled");
        builder.AddKubernetesEnvironment("k8s").WithDashboard(false);

        await PublishAsync(builder);

        (await File.ReadAllTextAsync(Path.Combine(Chart, "templates/cache/deployment.yaml")))
            .ShouldStartWith("{{- if .Values.cache.enabled }}\n");
    }

    [Fact]
    public async Task Without_a_cluster_nothing_is_added()
    {
        var builder = Publisher();
        AddJob(builder).PublishWithout("no.yaml", "spec");

        await PublishAsync(builder);

        Directory.Exists(Chart).ShouldBeFalse();
    }

    [Fact]
    public async Task Each_of_several_clusters_has_a_whole_chart()
    {
        var builder = Publisher();
        builder.AddKubernetesEnvironment("north").WithDashboard(false);
        AddJob(builder);
        builder.AddKubernetesEnvironment("south").WithDashboard(false);

        await PublishAsync(builder);

        foreach (var cluster in new[] { "north", "south" })
            Templates(Path.Combine(Chart, cluster)).ShouldContain("worker/scaledjob.yaml");
    }

    [Fact]
    public async Task A_template_that_is_to_be_changed_has_to_be_there()
    {
        var builder = Publisher();
        builder.AddKubernetesEnvironment("k8s").WithDashboard(false);
        builder.AddContainer("cache", "cache", "1").PublishWithout("deploymnt.yaml", "spec.replicas");

        (await builder.RunToFailureAsync()).ShouldContain(
            "The resource 'cache' has no template 'deploymnt.yaml', which is to be changed: it has deployment.yaml.");
        Directory.Exists(Chart).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_not_published_has_nothing_to_change()
    {
        var builder = Publisher();
        builder.AddKubernetesEnvironment("k8s").WithDashboard(false);
        AddJob(builder).PublishWithout("deployment.yaml", "spec.replicas").ExcludeFromManifest();

        await PublishAsync(builder);

        Templates(Chart).ShouldNotContain(template => template.StartsWith("worker/", StringComparison.Ordinal));
        File.Exists(Path.Combine(Chart, "Chart.yaml")).ShouldBeTrue();
    }

    [Fact]
    public async Task Text_stays_text_whatever_it_looks_like()
    {
        var builder = Publisher();
        builder.AddKubernetesEnvironment("k8s").WithDashboard(false);
        AddJob(builder, "a: \"b\\ # %x%", job => job.ScalingStrategy.PendingPodConditions.Add("true")).WithJobChart(chart =>
        {
            (chart.Class, chart.ClassValues, chart.Cpu, chart.Memory) = ("1", "path: /models", "2", "1e3");
            chart.ClassSchema = """{"path": {"type": "string"}}""";
        });

        await PublishAsync(builder);

        var values = new YamlStream();
        values.Load(new StringReader(await File.ReadAllTextAsync(Path.Combine(Chart, "values.yaml"))));
        var (name, job) = ((YamlMappingNode)values.Documents[0].RootNode["worker_jobs"]).ShouldHaveSingleItem();
        name.ShouldBe(Text("1"));
        job["path"].ShouldBe(new YamlScalarNode("/models"));
        Style(name, "1");
        Style(job["queue"], "a: \"b\\ # %x%");
        Style(job["pendingPodConditions"][0], "true");
        Style(job["resources"]["requests"]["cpu"], "2");
        Style(job["resources"]["requests"]["memory"], "1e3");

        static YamlScalarNode Text(string text) => new(text);

        static void Style(YamlNode node, string text)
        {
            var scalar = node.ShouldBeOfType<YamlScalarNode>();
            scalar.Value.ShouldBe(text);
            scalar.Style.ShouldBe(YamlDotNet.Core.ScalarStyle.DoubleQuoted);
        }
    }

    [Fact]
    public async Task Publishing_again_leaves_no_template_behind_and_nothing_else_out()
    {
        await PublishAsync(Cluster());
        await File.WriteAllTextAsync(Path.Combine(Chart, "templates/old.yaml"), "old");
        Directory.CreateDirectory(Path.Combine(Chart, "charts"));
        await File.WriteAllTextAsync(Path.Combine(Chart, "charts/mine.yaml"), "mine");
        await File.WriteAllTextAsync(Path.Combine(Chart, "values.mine.yaml"), "mine");
        var before = Templates(Chart).Except(["old.yaml"]).ToList();

        await PublishAsync(Cluster());

        Templates(Chart).ShouldBe(before, ignoreOrder: true);
        Directory.GetFiles(Chart).Select(Path.GetFileName)
            .ShouldBe(["Chart.yaml", "values.yaml", "values.schema.json", "values.mine.yaml"], ignoreOrder: true);
        (await File.ReadAllTextAsync(Path.Combine(Chart, "charts/mine.yaml"))).ShouldBe("mine");
    }

    [Fact]
    public async Task Templates_of_no_chart_are_somebodys()
    {
        Directory.CreateDirectory(Path.Combine(Chart, "templates"));
        await File.WriteAllTextAsync(Path.Combine(Chart, "templates/mine.yaml"), "mine");

        (await Cluster().RunToFailureAsync()).ShouldContain("there is no Chart.yaml beside it");
        Templates(Chart).ShouldBe(["mine.yaml"]);
    }

    [Fact]
    public async Task A_chart_is_one_when_all_of_it_is_there()
    {
        // As in a host that publishes into the folder itself, where an earlier chart is.
        await WriteAsync("Chart.yaml", "old");
        await WriteAsync("templates/old.yaml", "old");
        ChartFolder.Begin(Chart);
        Templates(Chart).ShouldBeEmpty();
        File.Exists(Path.Combine(Chart, "Chart.yaml")).ShouldBeFalse();

        // What failed is begun anew.
        await WriteAsync("templates/half.yaml", "half");
        ChartFolder.Begin(Chart);
        Templates(Chart).ShouldBeEmpty();

        await WriteAsync("Chart.yaml", "name: new");
        ChartFolder.Hold(Chart);
        File.Exists(Path.Combine(Chart, "Chart.yaml")).ShouldBeFalse();
        ChartFolder.Release(Chart);
        Directory.GetFiles(Chart).ShouldBe([Path.Combine(Chart, "Chart.yaml")]);
        (await File.ReadAllTextAsync(Path.Combine(Chart, "Chart.yaml"))).ShouldBe("name: new");
    }

    [Fact]
    public void What_stands_for_something_in_a_file_is_known()
    {
        var job = EmbeddedChart.Of("job");
        Should.Throw<InvalidOperationException>(() => job.Read("rabbitmq.yaml", new Dictionary<string, string> { ["job"] = "worker" }))
            .Message.ShouldBe("Nothing takes the place of %uri% in Chart/job/rabbitmq.yaml.");
        var known = new[] { "job", "classes", "scheduling", "image", "noop", "mountPath" }.ToDictionary(name => name);
        job.Read("prepull.yaml", known).ShouldContain("maxUnavailable: 100%\n");
    }

    private async Task WriteAsync(string file, string text)
    {
        var path = Path.Combine(Chart, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
    }

    private IDistributedApplicationBuilder Publisher() =>
        DistributedApplication.CreateBuilder(["--operation", "publish", "--step", "publish", "--output-path", Chart]);

    private IDistributedApplicationBuilder Cluster()
    {
        var builder = Publisher();
        builder.AddKubernetesEnvironment("k8s").WithDashboard(false);
        AddJob(builder);
        return builder;
    }

    private static IResourceBuilder<ProjectResource> AddJob(
        IDistributedApplicationBuilder builder, string queue = "tasks", Action<ScaledJobSettings>? configure = null)
    {
        var broker = builder.AddRabbitMQ("broker", builder.AddParameter("user", "farmer", publishValueAsDefault: true));
        return builder.AddProject<Worker>("worker").AsScaledJob(broker, queue, configure);
    }

    private static async Task PublishAsync(IDistributedApplicationBuilder builder)
    {
        await using var app = builder.Build();
        await app.RunAsync().WaitAsync(Eventually.Generous);
    }

    private static List<string> Templates(string chart)
    {
        var folder = Path.Combine(chart, "templates");
        return !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))];
    }

    private sealed class Worker : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(Repository.Root, "tests", "samples", "Worker", "Worker.csproj");
    }
}
