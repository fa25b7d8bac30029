namespace SdAspire.Chart.Tests.Validation;

/// <summary>What is mounted is a volume of the pod, and every claim is there.</summary>
static class VolumeChecks
{
    public static IEnumerable<string> Run(Manifests manifests) =>
        manifests.Pods.SelectMany(pod => OfPod(pod, manifests).Select(p => $"{pod}: {p}"));

    private static IEnumerable<string> OfPod(PodTemplate pod, Manifests manifests)
    {
        var volumes = pod.Spec.List("volumes");
        var claimed = pod.Owner.Spec.List("volumeClaimTemplates").Select(t => t.Text("metadata", "name"));
        var names = volumes.Select(v => v.Text("name")).Concat(claimed).ToList();
        var mounts = pod.Containers.SelectMany(c => c.List("volumeMounts")).ToList();
        foreach (var name in names.GroupBy(n => n).Where(g => g.Count() > 1)) yield return $"two volumes are named {name.Key}";
        foreach (var mount in mounts.Where(m => !names.Contains(m.Text("name")))) yield return $"there is no volume {mount.Text("name")}";
        foreach (var name in names.Where(n => mounts.All(m => m.Text("name") != n))) yield return $"nothing mounts the volume {name}";
        foreach (var container in pod.Containers)
        {
            foreach (var path in container.List("volumeMounts").GroupBy(m => m.Text("mountPath")).Where(g => g.Count() > 1))
                yield return $"{container.Text("name")} mounts two volumes at {path.Key}";
        }
        foreach (var claim in volumes.Select(v => v.Text("persistentVolumeClaim", "claimName")).OfType<string>())
        {
            if (manifests.Find("PersistentVolumeClaim", claim) is null && !manifests.OtherClaims.Contains(claim))
                yield return $"there is no PersistentVolumeClaim {claim}";
        }
    }
}
