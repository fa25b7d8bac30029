#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // The stand-in's own steps.
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Publishing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Kubernetes;

/// <summary>A cluster that the application is published for, as a Helm chart.</summary>
public sealed class KubernetesEnvironmentResource : Resource, IComputeEnvironmentResource
{
    private readonly List<KubernetesResource> _targets = [];

    /// <param name="name">The name of the resource.</param>
    public KubernetesEnvironmentResource(string name) : base(name)
    {
        Annotations.Add(new PipelineStepAnnotation(
        [
            new($"prepare-deployment-targets-{name}", PrepareAsync,
                [WellKnownPipelineSteps.ValidateComputeEnvironments], [WellKnownPipelineSteps.BeforeStart]),
            new($"publish-{name}", PublishAsync, [WellKnownPipelineSteps.PublishPrereq], [WellKnownPipelineSteps.Publish]),
        ]));
    }

    /// <summary>Whether the chart has Aspire's dashboard in it.</summary>
    public bool DashboardEnabled { get; set; } = true;

    /// <summary>What volumes are: <c>emptyDir</c>, <c>hostPath</c> or <c>pvc</c>.</summary>
    public string DefaultStorageType { get; set; } = "emptyDir";

    /// <summary>The class of storage that is asked for; the cluster's own by default.</summary>
    public string? DefaultStorageClassName { get; set; }

    /// <summary>How much storage is asked for.</summary>
    public string DefaultStorageSize { get; set; } = "1Gi";

    /// <summary>How many nodes may use the storage at a time.</summary>
    public string DefaultStorageReadWritePolicy { get; set; } = "ReadWriteOnce";

    /// <summary>When images are pulled.</summary>
    public string DefaultImagePullPolicy { get; set; } = "IfNotPresent";

    /// <summary>What services are.</summary>
    public string DefaultServiceType { get; set; } = "ClusterIP";

    internal HelmChartOptions.Metadata Chart { get; set; } = new("aspire", "0.1.0", "Aspire Helm Chart");

    internal Dictionary<string, ReferenceExpression> ChartExpressions { get; } = [];

    internal IResourceBuilder<KubernetesAspireDashboardResource>? Dashboard { get; set; }

    // Before the application starts, so that whatever comes after finds all variables of all resources.
    private async Task PrepareAsync(PipelineStepContext context)
    {
        var translation = new KubernetesTranslation(this, context.ExecutionContext, context.CancellationToken);
        var dashboard = DashboardEnabled ? Dashboard?.Resource : null;
        if (dashboard is not null) _targets.Add(await translation.TranslateAsync(dashboard).ConfigureAwait(false));
        foreach (var resource in context.Model.Resources.Where(IsPublished).ToList())
        {
            // As Aspire does it: a resource that an earlier one refers to is translated by then, and hears of no dashboard.
            if (dashboard is not null) OtlpConfigurationExtensions.SendTo(resource, dashboard.OtlpGrpcEndpoint);
            _targets.Add(await translation.TranslateAsync(resource).ConfigureAwait(false));
        }
    }

    // Other programs run on this machine only.
    private static bool IsPublished(IResource resource) =>
        (resource is ProjectResource || resource.TryGetLastAnnotation<ContainerImageAnnotation>(out _))
        && !resource.TryGetLastAnnotation<ExcludeFromManifestAnnotation>(out _);

    private async Task PublishAsync(PipelineStepContext context)
    {
        var output = context.Services.GetRequiredService<IPipelineOutputService>();
        var isOnly = context.Model.Resources.OfType<IComputeEnvironmentResource>().Count() == 1;
        var folder = isOnly ? output.GetOutputDirectory() : output.GetOutputDirectory(this);
        var writer = new HelmChartWriter(folder, context.CancellationToken);
        foreach (var target in _targets)
        {
            foreach (var customization in target.TargetResource.Annotations.OfType<KubernetesServiceCustomizationAnnotation>())
                customization.Configure(target);
            await writer.AddAsync(target).ConfigureAwait(false);
        }
        await writer.CompleteAsync(await HelmChartOptions.ResolveAsync(this, context.CancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);
    }
}
