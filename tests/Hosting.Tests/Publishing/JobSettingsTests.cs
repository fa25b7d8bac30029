using SdAspire.Hosting.Keda;
using SdAspire.Keda.Settings;

namespace SdAspire.Hosting.Tests.Publishing;

/// <summary>What is wrong with a queue job is told when it is declared.</summary>
public sealed class JobSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IDistributedApplicationBuilder _builder;
    private readonly IResourceBuilder<IResourceWithConnectionString> _broker;
    private readonly IResourceBuilder<ProjectResource> _worker;

    public JobSettingsTests()
    {
        _builder = Applications.Create(_folder);
        _broker = _builder.AddConnectionString("broker");
        _worker = _builder.AddResource(new ProjectResource("my-worker"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void At_least_and_at_most_have_to_agree() =>
        Problem(() => _worker.AsScaledJob(_broker, "tasks", job => (job.MinReplicaCount, job.MaxReplicaCount) = (3, 2)))
            .ShouldBe("The queue job 'my-worker' cannot be: maxReplicaCount is 2, less than minReplicaCount, which is 3.");

    [Fact]
    public void A_scaled_object_is_judged_like_a_job()
    {
        Problem(() => _worker.AsScaledObject(_broker, "tasks", o => o.PollingInterval = 0)).ShouldContain("pollingInterval is 0");
        Problem(() => _worker.AsScaledObject(_broker, "tasks", o => o.CooldownPeriod = -1)).ShouldContain("cooldownPeriod is -1");
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("v1.5")]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("x-")]
    [InlineData("x\n")]
    public void A_class_has_a_name_that_Kubernetes_takes(string name) =>
        Problem(() => _worker.AsScaledJob(_broker, "tasks").WithJobChart(chart => chart.Class = name)).ShouldContain($"'{name}'");

    [Theory]
    [InlineData("")]
    [InlineData("my-jobs")]
    [InlineData("a.b")]
    [InlineData("1st")]
    [InlineData("secrets")]
    public void The_classes_have_a_section_that_a_template_can_name(string section) =>
        Problem(() => _worker.AsScaledJob(_broker, "tasks").WithJobChart(chart => chart.ValuesSection = section))
            .ShouldStartWith($"The queue job 'my-worker' cannot be: '{section}' cannot be ");

    [Theory]
    [InlineData("")]
    [InlineData("data")]
    [InlineData("/da\"ta")]
    [InlineData("/da:ta")]
    public void A_volume_is_mounted_at_an_absolute_path(string path) =>
        Problem(() => _worker.AsScaledJob(_broker, "tasks").WithJobChart(chart => chart.MountPath = path))
            .ShouldBe($"The queue job 'my-worker' cannot be: mountPath is '{path}', it must be an absolute path or an expression of one.");

    [Fact]
    public void Where_a_volume_is_mounted_may_be_an_expression() =>
        Should.NotThrow(() => _worker.AsScaledJob(_broker, "tasks").WithJobChart(chart => chart.MountPath = "{{ $job.path }}"));

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"path": "string"}""")]
    [InlineData("""{"path": {}, "path": {}}""")]
    public void What_the_values_of_a_class_may_be_is_JSON(string schema)
    {
        var problem = Problem(() => _worker.AsScaledJob(_broker, "tasks").WithJobChart(chart => chart.ClassSchema = schema));
        problem.ShouldStartWith("The queue job 'my-worker' cannot be: classSchema must be a JSON object, a schema for each value: ");
        problem.ShouldNotContain('\n');
    }

    [Fact]
    public void A_GPU_is_had_in_one_of_three_ways() =>
        Problem(() => _worker.AsScaledJob(_broker, "tasks").WithJobChart(chart => chart.Gpu = (GpuMode)7)).ShouldContain("gpu.mode is 7");

    [Fact]
    public void Only_a_queue_job_has_a_chart() =>
        Should.Throw<ArgumentException>(() => _worker.WithJobChart(_ => { })).Message.ShouldContain("AsScaledJob");

    [Fact]
    public void A_declaration_has_KEDAs_defaults()
    {
        var job = _worker.AsScaledObject(_broker, "tasks").Resource.Annotations.OfType<ScaledJobAnnotation>().ShouldHaveSingleItem();
        job.Settings.ShouldBeEquivalentTo(new ScaledJobSettings());
        job.Chart.CooldownPeriod.ShouldBe(300);
        job.Chart.Continuous.ShouldBeTrue();
        job.Chart.ValuesSection.ShouldBe("my_worker_jobs");
    }

    private static string Problem(Action declare) => Should.Throw<DistributedApplicationException>(declare).Message;
}
