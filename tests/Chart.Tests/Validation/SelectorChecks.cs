namespace SdAspire.Chart.Tests.Validation;

/// <summary>Every selector finds pods of the chart, a workload's none but its own, and what is scaled is there.</summary>
static class SelectorChecks
{
    public static IEnumerable<string> Run(Manifests manifests) =>
    [
        .. manifests.Pods.Where(p => p.Owner.Spec.At("selector") is not null).SelectMany(pod => OfWorkload(pod, manifests)),
        .. manifests.All.SelectMany(m => Selectors(m).Where(s => !manifests.Pods.Any(s.Matches)).Select(s => $"{m}: no pod is {s}")),
        .. manifests.OfKind("HorizontalPodAutoscaler", "ScaledObject").SelectMany(m => OfScaler(m, manifests)),
        .. manifests.All.SelectMany(m => Stable(m).Where(s => HasVersion(s, manifests.ChartVersion))
            .Select(s => $"{m}: the selector {s} has the chart's version, and cannot change")),
    ];

    private static IEnumerable<string> OfWorkload(PodTemplate pod, Manifests manifests)
    {
        var selector = Selector.Of(pod.Owner.Spec.At("selector"));
        if (selector.IsEmpty) return [$"{pod}: selects all pods"];
        var others = manifests.Pods.Where(p => p.Owner != pod.Owner && selector.Matches(p)).Select(p => $"{pod}: selects the pods of {p}, too");
        return selector.Matches(pod) ? others : [$"{pod}: does not select its own pods: {selector}", .. others];
    }

    private static IEnumerable<Selector> Selectors(Manifest m)
    {
        var selectors = m.Kind switch
        {
            "Service" when m.Spec.At("selector") is { } labels => [Selector.Plain(labels)],
            "PodDisruptionBudget" or "PodMonitor" => [Selector.Of(m.Spec.At("selector"))],
            "NetworkPolicy" => m.Spec.List("ingress").SelectMany(r => r.List("from"))
                .Concat(m.Spec.List("egress").SelectMany(r => r.List("to")))
                .Where(peer => peer.At("podSelector") is not null && peer.At("namespaceSelector") is null)
                .Select(peer => Selector.Of(peer.At("podSelector")))
                .Prepend(Selector.Of(m.Spec.At("podSelector"))),
            _ => Enumerable.Empty<Selector>(),
        };
        var near = m.Root.Walk().Where(n => n.Path.Contains(".affinity.pod", StringComparison.Ordinal)
                || n.Path.Contains(".topologySpreadConstraints[", StringComparison.Ordinal))
            .Where(n => n.Path.EndsWith(".labelSelector", StringComparison.Ordinal))
            .Select(n => Selector.Of(n.Node));
        return selectors.Concat(near);
    }

    private static IEnumerable<string> OfScaler(Manifest m, Manifests manifests)
    {
        var (kind, name) = (m.Spec.Text("scaleTargetRef", "kind") ?? "Deployment", m.Spec.Text("scaleTargetRef", "name"));
        if (manifests.Find(kind, name) is not { } target) return [$"{m}: there is no {kind} {name}"];
        var scalers = manifests.OfKind("HorizontalPodAutoscaler", "ScaledObject").Where(s => s.Spec.Text("scaleTargetRef", "name") == name);
        // A number in the manifest is set again at every upgrade, whatever the scaler has made of it.
        return
        [
            .. target.Spec.At("replicas") is null ? [] : new[] { $"{m}: {target} has replicas of its own" },
            .. scalers.Count() > 1 ? new[] { $"{m}: {target} has another scaler" } : [],
        ];
    }

    private static IEnumerable<Selector> Stable(Manifest m) => m.Kind switch
    {
        "Deployment" or "StatefulSet" or "DaemonSet" => [Selector.Of(m.Spec.At("selector")),
            .. m.Spec.List("volumeClaimTemplates").Select(t => Selector.Plain(t.At("metadata", "labels")))],
        "Service" => [Selector.Plain(m.Spec.At("selector"))],
        _ => Selectors(m),
    };

    private static bool HasVersion(Selector selector, string version) => selector.Labels.Any(l =>
        l.Key is "helm.sh/chart" or "app.kubernetes.io/version"
        || version.Length > 0 && l.Value is string value && value.Contains(version, StringComparison.Ordinal));
}
