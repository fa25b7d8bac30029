namespace SdAspire.Chart.Tests.Validation;

/// <summary>Whatever is referred to by name is there: secrets and ConfigMaps with their keys, authentications, accounts.</summary>
static class ReferenceChecks
{
    public static IEnumerable<string> Run(Manifests manifests)
    {
        var keys = new References(manifests);
        return
        [
            .. manifests.Pods.SelectMany(pod => OfPod(pod, keys).Select(p => $"{pod}: {p}")),
            .. manifests.OfKind("TriggerAuthentication", "ClusterTriggerAuthentication").SelectMany(m =>
                m.Spec.List("secretTargetRef").SelectMany(r => keys.Of("Secret", r.Text("name"), r.Text("key")))
                    .Concat(m.Spec.List("configMapTargetRef").SelectMany(r => keys.Of("ConfigMap", r.Text("name"), r.Text("key"))))
                    .Select(p => $"{m}: {p}")),
            .. manifests.OfKind("ScaledJob", "ScaledObject").SelectMany(m => OfTriggers(m, manifests).Select(p => $"{m}: {p}")),
            .. manifests.OfKind("Ingress").SelectMany(m => OfIngress(m, keys).Select(p => $"{m}: {p}")),
        ];
    }

    private static IEnumerable<string> OfPod(PodTemplate pod, References keys)
    {
        foreach (var container in pod.Containers)
        {
            foreach (var env in container.List("env"))
            {
                var from = env.At("valueFrom");
                if (from.At("secretKeyRef") is { } secret && secret.At("optional") is not true)
                    foreach (var p in keys.Of("Secret", secret.Text("name"), secret.Text("key"))) yield return p;
                if (from.At("configMapKeyRef") is { } config && config.At("optional") is not true)
                    foreach (var p in keys.Of("ConfigMap", config.Text("name"), config.Text("key"))) yield return p;
            }
            foreach (var from in container.List("envFrom"))
            {
                if (from.At("secretRef") is { } secret && secret.At("optional") is not true)
                    foreach (var p in keys.Of("Secret", secret.Text("name"))) yield return p;
                if (from.At("configMapRef") is { } config && config.At("optional") is not true)
                    foreach (var p in keys.Of("ConfigMap", config.Text("name"))) yield return p;
            }
        }
        var volumes = pod.Spec.List("volumes").Concat(pod.Spec.List("volumes").SelectMany(v => v.List("projected", "sources")));
        foreach (var volume in volumes)
        {
            var (secret, config) = (volume.At("secret"), volume.At("configMap"));
            var problems = secret is not null
                ? keys.OfItems("Secret", secret.Text("secretName") ?? secret.Text("name"), secret.List("items"))
                : config is not null ? keys.OfItems("ConfigMap", config.Text("name"), config.List("items")) : [];
            foreach (var p in problems) yield return p;
        }
        foreach (var pull in pod.Spec.List("imagePullSecrets"))
            foreach (var p in keys.Of("Secret", pull.Text("name"))) yield return p;
        if (pod.Spec.Text("serviceAccountName") is { } account && account != "default" && !keys.Has("ServiceAccount", account))
            yield return $"there is no ServiceAccount {account}";
    }

    private static IEnumerable<string> OfTriggers(Manifest m, Manifests manifests)
    {
        var target = m.Spec.Text("scaleTargetRef", "name");
        var pod = manifests.Pods.FirstOrDefault(p => p.Owner == m || target is not null && p.Owner.Name == target);
        var set = pod?.Containers.SelectMany(c => c.List("env")).Select(e => e.Text("name")).ToList() ?? [];
        foreach (var trigger in m.Spec.List("triggers"))
        {
            var authentication = trigger.At("authenticationRef");
            var kind = authentication.Text("kind") ?? "TriggerAuthentication";
            if (authentication is not null && manifests.Find(kind, authentication.Text("name")) is null)
                yield return $"there is no {kind} {authentication.Text("name")}";
            foreach (var (key, value) in trigger.Map("metadata").Where(p => p.Key.EndsWith("FromEnv", StringComparison.Ordinal)))
                if (!set.Contains(value as string)) yield return $"{key}: no container sets {value} by name";
        }
    }

    private static IEnumerable<string> OfIngress(Manifest m, References keys)
    {
        // cert-manager makes the secret.
        var isMade = m.Root.Map("metadata", "annotations").Keys.Any(a => a.StartsWith("cert-manager.io/", StringComparison.Ordinal));
        foreach (var tls in m.Spec.List("tls"))
        {
            if (!isMade) foreach (var p in keys.Of("Secret", tls.Text("secretName"))) yield return p;
            foreach (var host in tls.List("hosts").Where(h => m.Spec.List("rules").All(r => r.Text("host") != h as string)))
                yield return $"the TLS host {host} is in no rule";
        }
    }

    private sealed class References(Manifests manifests)
    {
        public bool Has(string kind, string name) => manifests.Find(kind, name) is not null;

        public IEnumerable<string> OfItems(string kind, string? name, IReadOnlyList<object?> items) =>
            items.Count == 0 ? Of(kind, name) : items.SelectMany(i => Of(kind, name, i.Text("key")));

        /// <summary>What is wrong with a reference to a key of an object.</summary>
        public IEnumerable<string> Of(string kind, string? name, string? key)
        {
            if (Of(kind, name).ToList() is { Count: > 0 } problems) return problems;
            return Keys(kind, name!)!.Contains(key!) ? [] : [$"{kind} {name} has no key '{key}'"];
        }

        public IEnumerable<string> Of(string kind, string? name)
        {
            if (string.IsNullOrEmpty(name)) return [$"a {kind} is referred to without a name"];
            return Keys(kind, name) is null ? [$"there is no {kind} {name}"] : [];
        }

        private IReadOnlyList<string>? Keys(string kind, string name)
        {
            if (manifests.Find(kind, name) is { } found)
                return [.. found.Root.Map("data").Keys, .. found.Root.Map("stringData").Keys, .. found.Root.Map("binaryData").Keys];
            if (kind != "Secret") return null;
            var made = manifests.OfKind("RabbitmqCluster").Select(Operators.RabbitmqSecret).FirstOrDefault(s => s.Name == name);
            return made.Keys ?? manifests.OtherSecrets.GetValueOrDefault(name);
        }
    }
}
