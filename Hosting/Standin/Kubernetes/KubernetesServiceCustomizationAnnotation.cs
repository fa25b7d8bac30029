using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes;

/// <summary>Changes what becomes of the resource in a cluster.</summary>
/// <param name="configure">Changes it.</param>
public sealed class KubernetesServiceCustomizationAnnotation(Action<KubernetesResource> configure) : IResourceAnnotation
{
    /// <summary>Changes it.</summary>
    public Action<KubernetesResource> Configure => configure;
}
