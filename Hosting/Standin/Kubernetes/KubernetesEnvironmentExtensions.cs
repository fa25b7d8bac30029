#pragma warning disable ASPIREPIPELINES001 // The stand-in's own steps.
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Publishing;
using Aspire.Hosting.Pipelines;

namespace Aspire.Hosting;

/// <summary>Publishes the application for a cluster.</summary>
public static class KubernetesEnvironmentExtensions
{
    private const string DashboardImage = "mcr.microsoft.com/dotnet/nightly/aspire-dashboard";
    private const string DashboardTag = "13.5";
    private const string Validation = "validate-kubernetes";

    /// <summary>Adds a cluster that the application is published for; it is no resource while the application runs.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> AddKubernetesEnvironment(
        this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddKubernetesValidation();
        var environment = new KubernetesEnvironmentResource(name) { Dashboard = CreateDashboard(builder, $"{name}-dashboard") };
        environment.Chart = environment.Chart with { Name = HelmNames.Chart(builder.Environment.ApplicationName) };
        return builder.ExecutionContext.IsPublishMode
            ? builder.AddResource(environment)
            : builder.CreateResourceBuilder(environment);
    }

    /// <summary>Says what the chart is called, and how it is installed.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithHelm(
        this IResourceBuilder<KubernetesEnvironmentResource> builder, Action<HelmChartOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        configure?.Invoke(new(builder.Resource));
        return builder;
    }

    /// <summary>Sets what all resources have in common.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithProperties(
        this IResourceBuilder<KubernetesEnvironmentResource> builder, Action<KubernetesEnvironmentResource> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        configure(builder.Resource);
        return builder;
    }

    /// <summary>Adds Aspire's dashboard to the chart, or leaves it out.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithDashboard(
        this IResourceBuilder<KubernetesEnvironmentResource> builder, bool enabled = true)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.DashboardEnabled = enabled;
        return builder;
    }

    /// <summary>Adds Aspire's dashboard to the chart, and changes it.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> WithDashboard(
        this IResourceBuilder<KubernetesEnvironmentResource> builder,
        Action<IResourceBuilder<KubernetesAspireDashboardResource>> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Resource.DashboardEnabled = true;
        configure(builder.Resource.Dashboard!);
        return builder;
    }

    /// <summary>A resource that says what becomes of it in a cluster needs one.</summary>
    internal static void AddKubernetesValidation(this IDistributedApplicationBuilder builder)
    {
        if (builder.Pipeline is not DistributedApplicationPipeline pipeline || pipeline.Has(Validation)) return;
        pipeline.AddStep(Validation, context =>
        {
            var customized = context.Model.Resources
                .FirstOrDefault(r => r.Annotations.OfType<KubernetesServiceCustomizationAnnotation>().Any());
            if (customized is not null && !context.Model.Resources.OfType<KubernetesEnvironmentResource>().Any())
                throw new DistributedApplicationException(
                    $"Resource '{customized.Name}' is configured to publish as a Kubernetes service, "
                    + $"but there is no Kubernetes environment: call {nameof(AddKubernetesEnvironment)}.");
            return Task.CompletedTask;
        }, requiredBy: WellKnownPipelineSteps.BeforeStart);
    }

    private static IResourceBuilder<KubernetesAspireDashboardResource> CreateDashboard(
        IDistributedApplicationBuilder builder, string name) =>
        builder.CreateResourceBuilder(new KubernetesAspireDashboardResource(name))
            .WithImage(DashboardImage, DashboardTag)
            .WithHttpEndpoint(targetPort: 18888, name: KubernetesAspireDashboardResource.Http)
            .WithEndpoint(KubernetesAspireDashboardResource.Http, endpoint => endpoint.IsExternal = true)
            .WithHttpEndpoint(targetPort: 18889, name: KubernetesAspireDashboardResource.OtlpGrpc)
            .WithHttpEndpoint(targetPort: 18890, name: KubernetesAspireDashboardResource.OtlpHttp);
}
