using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace Aspire.Hosting;

/// <summary>Changes what becomes of resources in a cluster.</summary>
public static class KubernetesServiceExtensions
{
    /// <summary>
    /// Changes the objects of the resource, after they were made and before they are written; it does nothing while the
    /// application runs.
    /// </summary>
    public static IResourceBuilder<T> PublishAsKubernetesService<T>(
        this IResourceBuilder<T> builder, Action<KubernetesResource> configure)
        where T : IComputeResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        if (!builder.ApplicationBuilder.ExecutionContext.IsPublishMode) return builder;
        builder.ApplicationBuilder.AddKubernetesValidation();
        return builder.WithAnnotation(new KubernetesServiceCustomizationAnnotation(configure));
    }
}
