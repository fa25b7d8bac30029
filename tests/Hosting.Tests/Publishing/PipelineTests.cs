#pragma warning disable ASPIREPIPELINES001 // Aspire may still change its pipelines.
using Aspire.Hosting.Pipelines;

namespace SdAspire.Hosting.Tests.Publishing;

public sealed class PipelineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("step", "The pipeline step 'broken' failed: The press is out of ink.")]
    [InlineData("unknown", "The pipeline step 'lost' depends on the unknown step 'nowhere'. The steps are: ")]
    [InlineData("cycle", "The pipeline steps wait for each other: ")]
    [InlineData("mount", "Resource 'disk' has a mount at '/data' that is no named volume: ")]
    public async Task What_goes_wrong_is_told_in_one_line_and_leaves_nothing_behind(string fault, string message)
    {
        var run = await Publishing.RunAsync(
            "--fault", fault, "--log-level", "Warning", "--model", "studio", "--output-path", _folder["chart"]);

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain(message);
        run.Output.ShouldNotContain('\n');
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unknown_step_is_named_together_with_those_that_are_known()
    {
        var run = await Publishing.RunAsync("--step", "deploy", "--output-path", _folder["chart"]);

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldStartWith("There is no pipeline step 'deploy'. The steps are: ");
        run.Output.ShouldContain(", publish-k8s");
        run.Output.ShouldContain("farm-values");
        run.Output.ShouldNotContain('\n');
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/chart")]
    public async Task An_output_path_that_cannot_be_written_is_named(string path)
    {
        await File.WriteAllTextAsync(_folder["file"], "mine");

        var run = await Publishing.RunAsync("--output-path", _folder[path]);

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldStartWith($"The output path '{_folder[path]}' cannot be written: ");
        run.Output.ShouldNotContain('\n');
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBe([_folder["file"]]);
        (await File.ReadAllTextAsync(_folder["file"])).ShouldBe("mine");
    }

    [Fact]
    public async Task An_unknown_log_level_is_named()
    {
        var run = await Publishing.RunAsync("--log-level", "loud", "--output-path", _folder["chart"]);

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldStartWith("There is no log level 'loud'. The levels are: Trace, ");
        run.Output.ShouldNotContain('\n');
    }

    [Fact]
    public async Task The_log_level_decides_what_is_said()
    {
        var quiet = await Publishing.RunAsync("--model", "studio", "--log-level", "Error", "--output-path", _folder["quiet"]);
        var chatty = await Publishing.RunAsync("--model", "studio", "--log-level", "debug", "--output-path", _folder["chatty"]);

        quiet.Output.ShouldBeEmpty();
        chatty.Output.ShouldContain("Step publish-k8s");
        chatty.Output.ShouldContain($"Published to {_folder["chatty"]}");
    }

    [Fact]
    public async Task Publishing_again_replaces_the_chart_and_leaves_other_files_alone()
    {
        var chart = _folder["deep/chart"];
        (await Publishing.RunAsync("--model", "studio", "--output-path", chart)).ExitCode.ShouldBe(0);
        await File.WriteAllTextAsync(Path.Combine(chart, "values.production.yaml"), "mine");
        await File.WriteAllTextAsync(Path.Combine(chart, "Chart.yaml"), "old");

        (await Publishing.RunAsync("--model", "studio", "--output-path", chart)).ExitCode.ShouldBe(0);

        Directory.EnumerateFileSystemEntries(chart).Select(Path.GetFileName)
            .ShouldBe(["Chart.yaml", "templates", "values.production.yaml", "values.yaml"], ignoreOrder: true);
        (await File.ReadAllTextAsync(Path.Combine(chart, "Chart.yaml"))).ShouldStartWith("apiVersion: ");
        (await File.ReadAllTextAsync(Path.Combine(chart, "values.production.yaml"))).ShouldBe("mine");
    }

    [Fact]
    public async Task A_pipeline_that_is_stopped_has_failed_and_leaves_nothing_behind()
    {
        await using var process = Publishing.Start("--fault", "endless", "--output-path", _folder["chart"]);
        await process.WaitForLineAsync(line => line == "endless", Eventually.Generous);

        await process.StopAsync();

        process.ExitCode.ShouldBe(1);
        process.Output.ShouldContain("Stopped before the application was published.");
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_step_that_only_a_cluster_has_is_missed_when_the_application_runs()
    {
        var builder = Applications.Create(_folder);
        builder.AddKubernetesEnvironment("k8s");
        builder.Pipeline.AddStep(
            "after", _ => Task.CompletedTask, dependsOn: "publish-k8s", requiredBy: WellKnownPipelineSteps.Publish);

        (await builder.RunToFailureAsync()).ShouldContain("'after' depends on the unknown step 'publish-k8s'");
    }

    [Fact]
    public void A_step_is_added_once()
    {
        var pipeline = Applications.Create(_folder).Pipeline;
        pipeline.AddStep("press", _ => Task.CompletedTask);
        Should.Throw<InvalidOperationException>(() => pipeline.AddStep("press", _ => Task.CompletedTask));
        Should.Throw<ArgumentException>(() => pipeline.AddStep("fold", _ => Task.CompletedTask, dependsOn: 1));
    }

    [Fact]
    public async Task Steps_run_in_the_order_that_they_ask_for()
    {
        var order = new List<string>();
        var builder = DistributedApplication.CreateBuilder(["--operation", "publish", "--output-path", _folder["chart"]]);
        Add("third", dependsOn: new[] { "first", "second" });
        Add("second", dependsOn: "first", requiredBy: new[] { "third", WellKnownPipelineSteps.Publish });
        Add("first", requiredBy: WellKnownPipelineSteps.BeforeStart);

        await using var app = builder.Build();
        await app.RunAsync().WaitAsync(Eventually.Generous);

        order.ShouldBe(["first", "second", "third"]);
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();

        void Add(string name, object? dependsOn = null, object? requiredBy = null) =>
            builder.Pipeline.AddStep(name, _ => { order.Add(name); return Task.CompletedTask; }, dependsOn, requiredBy);
    }

    [Fact]
    public async Task What_becomes_of_a_resource_in_a_cluster_needs_a_cluster()
    {
        var builder = DistributedApplication.CreateBuilder(["--operation", "publish", "--output-path", _folder["chart"]]);
        builder.AddContainer("cache", "cache").PublishAsKubernetesService(_ => { });

        (await builder.RunToFailureAsync()).ShouldContain("Resource 'cache' is configured to publish as a Kubernetes service");
    }
}
