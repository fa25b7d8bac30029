using k8s;
using k8s.Models;

namespace SdAspire.Chart.Tests.Validation;

/// <summary>Every object is of a known kind and has only fields that the kind has, of the right types.</summary>
static class KindChecks
{
    public static IEnumerable<string> Run(Manifest m, CustomResources resources)
    {
        var problems = Find(m, resources);
        return problems.Select(p => $"{m}: {p}");
    }

    private static IEnumerable<string> Find(Manifest m, CustomResources resources)
    {
        if (TypedObjects.TypeOf(m) is { } type)
        {
            var unreadable = TypedObjects.Unreadable(type, m.Text) is { } message ? [message] : Array.Empty<string>();
            return [.. unreadable, .. TypedObjects.Problems(type, m.Root)];
        }
        // A job within is of Kubernetes' own type, whatever the definition of what is around it says.
        var job = m.Kind == "ScaledJob" ? TypedObjects.Problems(typeof(V1JobSpec), m.Spec.At("jobTargetRef"), ".spec.jobTargetRef") : [];
        if (m.Kind == "RabbitmqCluster")
        {
            job = [.. TypedObjects.Problems(typeof(V1ResourceRequirements), m.Spec.At("resources"), ".spec.resources"),
                .. TypedObjects.Problems(typeof(V1Affinity), m.Spec.At("affinity"), ".spec.affinity"),
                .. TypedObjects.Problems(typeof(IList<V1Toleration>), m.Spec.At("tolerations"), ".spec.tolerations")];
        }
        if (CustomResources.IsUncheckable(m)) return job;
        return resources.Knows(m) ? [.. job, .. resources.Validate(m)] : [$"unknown kind {m.ApiVersion} {m.Kind}"];
    }
}
