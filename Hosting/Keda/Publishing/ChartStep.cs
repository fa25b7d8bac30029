#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // Aspire may still change how a chart is added to.
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace SdAspire.Hosting.Keda.Publishing;

/// <summary>
/// What is done to the chart of each cluster around Aspire's own step; what is to be added stands in annotations. The steps are
/// made when all resources are known, so the order of declarations does not matter.
/// </summary>
static class ChartStep
{
    private const string Values = "values.yaml";
    private const string Schema = "values.schema.json";

    /// <summary>Adds the steps of every cluster that there is in the end; without one nothing is added.</summary>
    public static void AddTo(IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsPublishMode) return;
        if (builder.Services.Any(service => service.ServiceType == typeof(Added))) return;
        builder.Services.AddSingleton<Added>();
        var defaultFolder = Path.Combine(builder.AppHostDirectory, "aspire-output");
        builder.Eventing.Subscribe<BeforeStartEvent>((started, _) =>
        {
            foreach (var environment in started.Model.Resources.OfType<KubernetesEnvironmentResource>())
            {
                var publish = $"publish-{environment.Name}";
                builder.Pipeline.AddStep($"clear-{environment.Name}", context =>
                {
                    ChartFolder.Begin(FolderOf(context, environment));
                    return Task.CompletedTask;
                }, requiredBy: publish);
                builder.Pipeline.AddStep(
                    $"complete-{environment.Name}", context => CompleteAsync(context, environment, defaultFolder),
                    dependsOn: publish, requiredBy: WellKnownPipelineSteps.Publish);
            }
            return Task.CompletedTask;
        });
    }

    private static async Task CompleteAsync(
        PipelineStepContext context, KubernetesEnvironmentResource environment, string defaultFolder)
    {
        var folder = FolderOf(context, environment);
        ChartFolder.Hold(folder);
        var chart = await HelmChart.ReadAsync(folder, context.CancellationToken).ConfigureAwait(false);
        // What has no templates is published elsewhere, or not at all.
        var resources = context.Model.Resources;
        var jobs = resources.Where(resource => chart.TemplatesOf(resource.Name).Count > 0)
            .Select(resource => (resource.Name, Job: resource.Annotations.OfType<ScaledJobAnnotation>().LastOrDefault()))
            .Where(resource => resource.Job is not null)
            .ToList();

        foreach (var change in Annotations<TemplateChangeAnnotation>())
            if (chart.TemplatesOf(change.Resource) is { Count: > 0 } templates)
                chart[change.Path] = templates.Contains(change.Path)
                    ? change.Apply(chart[change.Path])
                    : throw new DistributedApplicationException(
                        $"The resource '{change.Resource}' has no template '{change.File}', which is to be changed: "
                        + $"it has {string.Join(", ", templates.Select(Path.GetFileName))}.");
        foreach (var (name, job) in jobs) JobTemplates.Apply(chart, name, job!);
        foreach (var (resource, condition) in Annotations<PublishIfAnnotation>())
            foreach (var template in chart.TemplatesOf(resource))
                chart[template] = $"{{{{- if {condition} }}}}\n{chart[template]}{{{{- end }}}}\n";

        if (jobs.Count > 0) Add(chart, EmbeddedChart.Of("cluster"));
        foreach (var files in environment.Annotations.OfType<ChartFilesAnnotation>()) Add(chart, files.Files);
        await chart.SaveAsync(context.CancellationToken).ConfigureAwait(false);
        ChartFolder.Release(folder);

        // A host that collects what it publishes in a folder aside moves it over what is there.
        var target = TargetOf(context, environment, defaultFolder);
        if (target != Path.GetFullPath(folder)) ChartFolder.Clear(target);

        IEnumerable<T> Annotations<T>() => resources.SelectMany(resource => resource.Annotations.OfType<T>());
    }

    // As Aspire does it: a cluster has a folder of its own only beside others.
    private static string FolderOf(PipelineStepContext context, KubernetesEnvironmentResource environment)
    {
        var output = context.Services.GetRequiredService<IPipelineOutputService>();
        return IsOnly(context) ? output.GetOutputDirectory() : output.GetOutputDirectory(environment);
    }

    private static string TargetOf(PipelineStepContext context, KubernetesEnvironmentResource environment, string defaultFolder)
    {
        var configured = context.Services.GetRequiredService<IConfiguration>()["Pipeline:OutputPath"];
        var output = Path.GetFullPath(configured is { Length: > 0 } ? configured : defaultFolder);
        return IsOnly(context) ? output : Path.Combine(output, environment.Name);
    }

    private static bool IsOnly(PipelineStepContext context) =>
        context.Model.Resources.OfType<IComputeEnvironmentResource>().Count() == 1;

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

    private sealed class Added;
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
