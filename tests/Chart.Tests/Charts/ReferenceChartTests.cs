using SdAspire.Chart.Tests.Helm;
using SdAspire.Chart.Tests.Validation;

namespace SdAspire.Chart.Tests.Charts;

/// <summary>Charts that are not the application's: those that Aspire itself wrote, and one of our own of a small model.</summary>
public sealed class ReferenceChartTests
{
    [Theory]
    [InlineData("farm")]
    [InlineData("queue")]
    [InlineData("studio",
        "Deployment/api-deployment: api: startupProbe has the scheme http",
        "Deployment/api-deployment: api: readinessProbe has the scheme http",
        "Deployment/api-deployment: api: livenessProbe has the scheme http",
        "Deployment/front-end-deployment: .spec.template.spec.containers[0]: 'Front-End' is no name")]
    public async Task A_chart_of_Aspires_is_rendered_and_its_faults_are_known(string name, params string[] faults)
    {
        var chart = await HelmChart.LoadAsync(Path.Combine(Repository.Root, "tests", "Hosting.Tests", "Charts", name));

        (await FindAsync(chart)).ShouldBe(faults, ignoreOrder: true);
    }

    [Fact]
    public async Task A_chart_of_queue_jobs_is_rendered_and_whole()
    {
        using var folder = new TemporaryChart();
        var chart = await HelmChart.LoadAsync(await PublishedChart.PublishAsync("ChartAppHost", folder.Folder, "--model", "queue"));

        (await FindAsync(chart)).ShouldBeEmpty();
    }

    private static async Task<IReadOnlyList<string>> FindAsync(HelmChart chart)
    {
        var secrets = chart.Defaults.At("secrets").Walk()
            .Where(n => n.Node is string)
            .ToDictionary(n => n.Path, n => $"s3cret{n.Path.Replace('.', '-')}");
        var rendered = chart.Render(PublishedChart.Release, 
        [
            // For studio: its template refers to a value that Aspire does not write, and text with quotes breaks Aspire's own.
            YamlValues.ParseMap("{gpu: {count: 1}, config: {api: {with_hyphen: plain}}}"),
            new Dictionary<string, object?> { ["secrets"] = Set(chart.Defaults.At("secrets"), "") },
        ]);
        var used = secrets.Values.Where(s => rendered.Print().Contains(s, StringComparison.Ordinal)).ToList();
        used.ShouldNotBeEmpty();
        return await Checks.RunAsync(Manifests.Of(rendered).Knowing(secretValues: used), isHardened: false);

        object? Set(object? node, string path) => node is IReadOnlyDictionary<string, object?> map
            ? map.ToDictionary(p => p.Key, p => Set(p.Value, $"{path}.{p.Key}"))
            : secrets.GetValueOrDefault(path, "");
    }
}
