using SdAspire.Chart.Tests.Helm;
using SdAspire.Chart.Tests.Validation;

namespace SdAspire.Chart.Tests.Charts;

/// <summary>What <c>aspire publish</c> gives of the application, installed in many ways.</summary>
public sealed class ApplicationChartTests(PublishedChart published) : IClassFixture<PublishedChart>
{
    public static TheoryData<string> Names => [.. ValueSet.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_cluster_takes_what_the_chart_gives(string name)
    {
        var set = ValueSet.All.Single(s => s.Name == name);

        var rendered = Render(set.Yaml);
        var manifests = Manifests.Of(rendered).Knowing(set.Secrets, set.Claims, set.Passed, published.Chart.Version);

        manifests.All.ShouldNotBeEmpty();
        (await Checks.RunAsync(manifests)).ShouldBeEmpty();
        rendered.Notes.ShouldNotBeNullOrWhiteSpace();
        foreach (var password in set.Passed) rendered.Notes.ShouldNotContain(password);
        set.Passed.ShouldBe(Passwords.Where(p => rendered.Print().Contains(p, StringComparison.Ordinal)), ignoreOrder: true);
        // KEDA's definitions are what most of the chart is judged by.
        Assert.SkipUnless(CustomResources.HasKeda, $"KEDA's definitions are not in {CustomResources.KedaFolder} (SD_KEDA_CRDS names another).");
    }

    [Fact]
    public void The_schema_says_nothing_that_goes_unheard() => published.Chart.Schema!.UnknownKeywords.ShouldBeEmpty();

    [Theory]
    [InlineData("models: {fluent-small-64: {gpu: {mode: both}}}", "gpu.mode")]
    [InlineData("models: {fluent-small-64: {maxReplicaCount: -1}}", "maxReplicaCount")]
    [InlineData("models: {fluent-small-64: {strategy: fast}}", "strategy")]
    [InlineData("models: {fluent-small-64: {minReplicaCount: 3, maxReplicaCount: 2}}", "minReplicaCount is greater than maxReplicaCount")]
    [InlineData("defaultModel: nothing", "defaultModel is not among models")]
    [InlineData("webui: {replica: 2}", "replica")]
    [InlineData("storage: {retentionDays: -1}", "retentionDays")]
    [InlineData("webui: {lostTasksAfterSeconds: -1}", "lostTasksAfterSeconds")]
    [InlineData("secrets: {messaging: {messaging_password: ''}}", "The broker has no password")]
    [InlineData("secrets: {storage: {storage_rootPassword: ''}}", "The storage has no password")]
    [InlineData("messaging: {enabled: false}", "There is no broker")]
    [InlineData("storage: {enabled: false}", "There is no storage")]
    [InlineData("messaging: {operator: {enabled: true}}", "There are two brokers")]
    [InlineData("ingress: {enabled: true}", "ingress.host")]
    [InlineData("{ingress: {enabled: true, host: a.example}, secrets: {webui: {webui_password: ''}}}", "Whoever finds the page could use it")]
    [InlineData("karpenter: {enabled: true}", "karpenter.cluster")]
    [InlineData("{karpenter: {enabled: true, cluster: a, role: b}, gpuSharing: {enabled: true}}", "gpuSharing.enabled is for nodes that are there")]
    [InlineData("gpuSharing: {enabled: true, config: default}", "gpuSharing.config cannot be default")]
    [InlineData("webui: {autoscaling: {minReplicas: 6}}", "minReplicas is greater than maxReplicas")]
    [InlineData("ingres: {enabled: true}", "ingres")]
    [InlineData("parameters: {webui: {webui_image: ''}}", "webui_image")]
    [InlineData("{messaging: {enabled: false, external: {uri: 'amqp://a:b@c/'}}, models: {fluent-small-64: {continuous: true}}}",
        "management API")]
    [InlineData("telemetry: {pricePerHour: {fluent-small-64: -1}}", "pricePerHour")]
    [InlineData("telemetry: {pricePerHour: {another: 1}}", "pricePerHour has a price for what is not among models")]
    public void Values_that_make_no_sense_are_named(string yaml, string message) =>
        Should.Throw<TemplateException>(() => Render(yaml)).Message.ShouldContain(message);

    [Fact]
    public void The_page_is_told_what_a_worker_costs() =>
        Render("telemetry: {pricePerHour: {fluent-small-64: 0.35}}").Print()
            .ShouldContain("Metrics__PricePerHour__fluent-small-64: \"0.35\"");

    [Fact]
    public void A_cluster_without_KEDA_is_told_what_is_missing()
    {
        Should.Throw<TemplateException>(() => published.Chart.Render(new Release(), ValueSet.Passwords)).Message.ShouldContain("KEDA");
        published.Chart.Render(new Release(), ValueSet.Passwords, "checks: {keda: false}").Documents.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("{cpu: '8'}", false)]
    [InlineData("{cpu: '8', nvidia.com/gpu: '0'}", false)]
    [InlineData("{cpu: '8', nvidia.com/gpu: '1'}", true)]
    public void A_cluster_without_GPUs_is_told_what_is_missing(string allocatable, bool hasGpu)
    {
        var release = PublishedChart.Release with { Cluster = new Nodes($"items: [{{status: {{allocatable: {allocatable}}}}}]") };
        var render = () => { published.Chart.Render(release, ValueSet.Passwords, "models: {fluent-small-64: {gpu: {mode: exclusive}}}"); };

        if (hasGpu) render.ShouldNotThrow();
        else render.ShouldThrow<TemplateException>().Message.ShouldContain("nvidia.com/gpu");
    }

    [Fact]
    public void Nodes_are_looked_at_only_where_GPUs_are_asked_for()
    {
        var release = PublishedChart.Release with { Cluster = new Forbidden() };

        Should.NotThrow(() => published.Chart.Render(release, ValueSet.Passwords));
        Should.Throw<TemplateException>(
                () => published.Chart.Render(release, ValueSet.Passwords, "models: {fluent-small-64: {gpu: {mode: shared}}}"))
            .Message.ShouldContain("forbidden");
    }

    [Fact]
    public void A_page_whose_settings_change_starts_again()
    {
        string Checksum(string yaml) =>
            Render(yaml).Print().Split('\n').Single(line => line.Contains("checksum/config", StringComparison.Ordinal));

        Checksum("storage: {retentionDays: 30}").ShouldNotBe(Checksum("{}"));
        Checksum("webui: {lostTasksAfterSeconds: 600}").ShouldNotBe(Checksum("{}"));
        Checksum("storage: {storageSize: 30Gi}").ShouldBe(Checksum("{}"));
    }

    private static readonly string[] Passwords = ["broker-passw0rd", "storage-passw0rd", "page-api-key-01234567", "page-passw0rd"];

    private Rendered Render(string yaml) => published.Chart.Render(PublishedChart.Release, ValueSet.Passwords, yaml);

    private sealed class Nodes(string yaml) : ICluster
    {
        public IReadOnlyDictionary<string, object?>? Lookup(string apiVersion, string kind, string space, string name) =>
            (apiVersion, kind) == ("v1", "Node") ? YamlValues.ParseMap(yaml) : null;
    }

    /// <summary>Helm lets an object be missing, but passes on that it may not be seen.</summary>
    private sealed class Forbidden : ICluster
    {
        public IReadOnlyDictionary<string, object?>? Lookup(string apiVersion, string kind, string space, string name) =>
            throw new InvalidOperationException($"error calling lookup: {kind} is forbidden");
    }
}
