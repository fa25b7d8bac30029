using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Publishing;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes;

/// <summary>What becomes of a resource in a cluster.</summary>
/// <param name="name">The name of the resource.</param>
/// <param name="resource">The resource.</param>
/// <param name="kubernetesEnvironmentResource">Where it is published to.</param>
public class KubernetesResource(string name, IResource resource, KubernetesEnvironmentResource kubernetesEnvironmentResource)
    : Resource(name)
{
    /// <summary>Where it is published to.</summary>
    public KubernetesEnvironmentResource Parent => kubernetesEnvironmentResource;

    /// <summary>What makes the pods.</summary>
    public Workload? Workload { get; set; }

    /// <summary>The environment variables that are no secret.</summary>
    public ConfigMap? ConfigMap { get; set; }

    /// <summary>The environment variables that are to be hidden.</summary>
    public Secret? Secret { get; set; }

    /// <summary>The address of the pods.</summary>
    public Service? Service { get; set; }

    /// <summary>More objects that belong to it.</summary>
    public List<BaseKubernetesResource> AdditionalResources { get; } = [];

    internal IResource TargetResource => resource;

    internal IReadOnlyList<EndpointMapping> Endpoints { get; set; } = [];

    /// <summary>Entries of values.yaml, section <c>parameters</c>.</summary>
    internal Dictionary<string, HelmValue> Parameters { get; } = [];

    /// <summary>The variables that are no secret.</summary>
    internal Dictionary<string, HelmValue> Variables { get; } = [];

    /// <summary>The variables that are to be hidden.</summary>
    internal Dictionary<string, HelmValue> Secrets { get; } = [];

    internal List<string> Arguments { get; } = [];

    internal List<PersistentVolumeClaim> Claims { get; } = [];

    internal Dictionary<string, string> Labels => new()
    {
        ["app.kubernetes.io/name"] = HelmExpression.Of(".Chart.Name"),
        ["app.kubernetes.io/component"] = resource.Name,
        ["app.kubernetes.io/instance"] = HelmExpression.Of(".Release.Name"),
    };

    /// <summary>Everything that becomes a template.</summary>
    internal IEnumerable<BaseKubernetesResource> Objects
    {
        get
        {
            foreach (var additional in AdditionalResources)
                foreach (var (label, value) in Labels) additional.Metadata.Labels.TryAdd(label, value);
            return new BaseKubernetesResource?[] { Workload, ConfigMap, Secret, Service }
                .OfType<BaseKubernetesResource>()
                .Concat(Claims)
                .Concat(AdditionalResources);
        }
    }
}
