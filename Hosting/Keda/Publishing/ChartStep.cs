#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // Aspire may still change how a chart is added to.
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace SdAspire.Hosting.Keda.Publishing;

/// <summary>The one step behind Aspire's own that adds to the chart; what is to be added stands in annotations.</summary>
static class ChartStep
{
    private const string Values = "values.yaml";
    private const string Schema = "values.schema.json";

    /// <summary>Adds the step, if there is a cluster to publish to and the step is not there yet.</summary>
    public static void AddTo(IDistributedApplicationBuilder builder)
    {
        if (builder.Resources.OfType<KubernetesEnvironmentResource>().FirstOrDefault() is not { } environment) return;
        if (environment.Annotations.OfType<StepAdded>().Any()) return;
        environment.Annotations.Add(new StepAdded());
        builder.Pipeline.AddStep(
            $"complete-{environment.Name}", RunAsync, dependsOn: $"publish-{environment.Name}", requiredBy: WellKnownPipelineSteps.Publish);
    }

    private static async Task RunAsync(PipelineStepContext context)
    {
        var folder = context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();
        var chart = await HelmChart.ReadAsync(folder, context.CancellationToken).ConfigureAwait(false);
        var resources = context.Model.Resources;

        foreach (var change in Annotations<TemplateChangeAnnotation>())
            if (chart.TemplatesOf(change.Resource).Contains(change.Path))
                chart[change.Path] = change.Apply(chart[change.Path]);
        foreach (var job in resources)
            if (job.Annotations.OfType<ScaledJobAnnotation>().LastOrDefault() is { } declaration)
                JobTemplates.Apply(chart, job.Name, declaration);
        foreach (var (resource, condition) in Annotations<PublishIfAnnotation>())
            foreach (var template in chart.TemplatesOf(resource))
                chart[template] = $"{{{{- if {condition} }}}}\n{chart[template]}{{{{- end }}}}\n";

        if (Annotations<ScaledJobAnnotation>().Any()) Add(chart, EmbeddedChart.Of("cluster"));
        foreach (var files in Annotations<ChartFilesAnnotation>()) Add(chart, files.Files);
        await chart.SaveAsync(context.CancellationToken).ConfigureAwait(false);

        IEnumerable<T> Annotations<T>() => resources.SelectMany(resource => resource.Annotations.OfType<T>());
    }

    private static void Add(HelmChart chart, EmbeddedChart files)
    {
        foreach (var file in files.Files)
            switch (file)
            {
                case Values: chart.AddValues(files.Read(file)); break;
                case Schema: chart.AddSchema((JsonObject)JsonNode.Parse(files.Read(file))!); break;
                default: chart[file] = files.Read(file); break;
            }
    }

    private sealed record StepAdded : IResourceAnnotation;
}

/// <summary>A folder of files for the chart.</summary>
sealed record ChartFilesAnnotation(EmbeddedChart Files) : IResourceAnnotation;

/// <summary>The resource's templates are rendered only if this is true.</summary>
sealed record PublishIfAnnotation(string Resource, string Condition) : IResourceAnnotation;

/// <summary>One change to one of the templates that Aspire writes of the resource.</summary>
sealed record TemplateChangeAnnotation(string Resource, string File, Func<string, string> Apply) : IResourceAnnotation
{
    public string Path => $"templates/{Resource}/{File}";
}
