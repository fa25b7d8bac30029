namespace SdAspire.Chart.Tests.Validation;

/// <summary>Every port that something leads to is opened by a container, and probes ask in words that Kubernetes knows.</summary>
static class PortChecks
{
    private static readonly string[] Probes = ["startupProbe", "readinessProbe", "livenessProbe"];

    public static IEnumerable<string> Run(Manifests manifests) =>
    [
        .. manifests.OfKind("Service").SelectMany(m => OfService(m, manifests).Select(p => $"{m}: {p}")),
        .. manifests.OfKind("Ingress").SelectMany(m => OfIngress(m, manifests).Select(p => $"{m}: {p}")),
        .. manifests.OfKind("NetworkPolicy").SelectMany(m => OfPolicy(m, manifests).Select(p => $"{m}: {p}")),
        .. manifests.OfKind("PodMonitor").SelectMany(m => OfMonitor(m, manifests).Select(p => $"{m}: {p}")),
        .. manifests.Pods.SelectMany(pod => OfPod(pod).Select(p => $"{pod}: {p}")),
    ];

    private static IEnumerable<string> OfService(Manifest service, Manifests manifests)
    {
        var selector = Selector.Plain(service.Spec.At("selector"));
        var pods = selector.IsEmpty ? [] : manifests.Pods.Where(selector.Matches).ToList();
        return
            from port in service.Spec.List("ports")
            let target = port.At("targetPort") ?? port.At("port")
            from pod in pods
            where !pod.Opens(target)
            select $"{pod} does not open {Show(target)}";
    }

    private static IEnumerable<string> OfIngress(Manifest ingress, Manifests manifests)
    {
        var backends = ingress.Spec.List("rules").SelectMany(r => r.List("http", "paths")).Select(p => p.At("backend", "service"))
            .Append(ingress.Spec.At("defaultBackend", "service"))
            .Where(b => b is not null);
        foreach (var backend in backends)
        {
            if (manifests.Find("Service", backend.Text("name")) is not { } service)
            {
                yield return $"there is no Service {backend.Text("name")}";
                continue;
            }
            var (name, number) = (backend.Text("port", "name"), backend.At("port", "number"));
            if (!service.Spec.List("ports").Any(p => name is not null ? p.Text("name") == name : Equals(p.At("port"), number)))
                yield return $"{service} has no port {name ?? Show(number)}";
        }
    }

    private static IEnumerable<string> OfPolicy(Manifest policy, Manifests manifests)
    {
        var selected = manifests.Pods.Where(Selector.Of(policy.Spec.At("podSelector")).Matches).ToList();
        foreach (var port in policy.Spec.List("ingress").SelectMany(r => r.List("ports")).Select(p => p.At("port")))
        {
            if (!selected.Any(pod => pod.Opens(port))) yield return $"none of its pods opens {Show(port)}";
        }
        foreach (var rule in policy.Spec.List("egress"))
        {
            var peers = rule.List("to");
            if (peers.Count == 0 || peers.Any(p => p.At("podSelector") is null || p.At("namespaceSelector") is not null)) continue;
            var targets = manifests.Pods.Where(pod => peers.Any(p => Selector.Of(p.At("podSelector")).Matches(pod))).ToList();
            foreach (var port in rule.List("ports").Select(p => p.At("port")))
            {
                if (!targets.Any(pod => pod.Opens(port))) yield return $"none of the pods that it leads to opens {Show(port)}";
            }
        }
    }

    private static IEnumerable<string> OfMonitor(Manifest monitor, Manifests manifests) =>
        from endpoint in monitor.Spec.List("podMetricsEndpoints")
        from pod in manifests.Pods.Where(Selector.Of(monitor.Spec.At("selector")).Matches)
        where !pod.Opens(endpoint.At("port"))
        select $"{pod} does not open {Show(endpoint.At("port"))}";

    private static IEnumerable<string> OfPod(PodTemplate pod)
    {
        foreach (var container in pod.Containers)
        {
            var actions = Probes.Select(p => (Name: p, Action: container.At(p)))
                .Append((Name: "preStop", Action: container.At("lifecycle", "preStop")))
                .Append((Name: "postStart", Action: container.At("lifecycle", "postStart")));
            foreach (var (name, action) in actions)
            {
                foreach (var kind in new[] { "httpGet", "tcpSocket", "grpc" })
                {
                    if (action.At(kind) is { } call && !PodTemplate.Opens(container, call.At("port")))
                        yield return $"{container.Text("name")} does not open {Show(call.At("port"))} of its {name}";
                }
                if (action.Text("httpGet", "scheme") is { } scheme and not ("HTTP" or "HTTPS"))
                    yield return $"{container.Text("name")}: {name} has the scheme {scheme}";
            }
        }
        foreach (var name in pod.Ports.Select(p => p.Name).OfType<string>().GroupBy(n => n).Where(g => g.Count() > 1))
            yield return $"two ports are named {name.Key}";
        foreach (var number in pod.Ports.GroupBy(p => p.Number).Where(g => g.Count() > 1))
            yield return $"two ports have the number {number.Key}";
    }

    private static string Show(object? port) => Helm.GoValues.Print(port);
}
