namespace SdAspire.Chart.Tests.Validation;

/// <summary>
/// The Pod Security Standard "restricted", and what a review asks for besides: a read-only root, no token of the service
/// account, an image, requests and a limit on memory.
/// </summary>
static class PodSecurity
{
    private static readonly string[] Volumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    public static IEnumerable<string> Run(PodTemplate pod) => pod.Owner.Kind == "RabbitmqCluster"
        ? []
        : OfPod(pod.Spec).Concat(pod.Containers.SelectMany(c => OfContainer(c, pod.Spec).Select(p => $"{c.Text("name")} {p}")))
            .Select(p => $"{pod}: {p}");

    private static IEnumerable<string> OfPod(object? spec)
    {
        foreach (var shared in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(s => spec.At(s) is true)) yield return $"has {shared}";
        if (spec.At("automountServiceAccountToken") is not false) yield return "gets the token of a service account";
        foreach (var volume in spec.List("volumes"))
        {
            foreach (var kind in volume.Map().Keys.Where(k => k != "name" && !Volumes.Contains(k)))
                yield return $"has a volume of the kind {kind}";
        }
    }

    private static IEnumerable<string> OfContainer(object? container, object? spec)
    {
        var own = container.At("securityContext");
        object? Own(string name) => own.At(name) ?? spec.At("securityContext", name);

        if (string.IsNullOrEmpty(container.Text("image"))) yield return "has no image";
        if (Own("runAsNonRoot") is not true) yield return "may run as root";
        if (Own("runAsUser") is 0d) yield return "runs as root";
        if (own.At("privileged") is true) yield return "is privileged";
        if (own.At("allowPrivilegeEscalation") is not false) yield return "may gain privileges";
        if (!own.List("capabilities", "drop").Contains("ALL")) yield return "keeps capabilities";
        foreach (var added in own.List("capabilities", "add").Where(a => a as string != "NET_BIND_SERVICE")) yield return $"adds {added}";
        if (Own("seccompProfile").Text("type") is not ("RuntimeDefault" or "Localhost")) yield return "has no seccomp profile";
        if (own.At("readOnlyRootFilesystem") is not true) yield return "may write to its root";
        if (own.Text("procMount") is not (null or "Default")) yield return "sees all of /proc";
        if (container.List("ports").Any(p => p.At("hostPort") is not null)) yield return "takes a port of the node";
        foreach (var name in new[] { "cpu", "memory" }.Where(n => container.At("resources", "requests", n) is null))
            yield return $"requests no {name}";
        if (container.At("resources", "limits", "memory") is null) yield return "has no limit on memory";
    }
}
