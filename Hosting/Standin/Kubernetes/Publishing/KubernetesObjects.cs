#pragma warning disable ASPIREPROBES001 // Aspire may still change how probes are described.
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Makes the objects of a resource: those that Aspire makes, as it makes them.</summary>
static class KubernetesObjects
{
    public static void Add(KubernetesResource target)
    {
        var name = target.Name;
        target.Workload = target.TargetResource is IResourceWithConnectionString ? StatefulSet(target) : Deployment(target);
        if (target.Variables.Count > 0)
        {
            target.ConfigMap = new() { Metadata = Metadata(target, HelmNames.ConfigMap(name)) };
            foreach (var (key, value) in DistinctByName(target.Variables)) target.ConfigMap.Data[key] = value.InTemplate;
        }
        if (target.Secrets.Count > 0)
        {
            target.Secret = new() { Metadata = Metadata(target, HelmNames.Secret(name)) };
            foreach (var (key, value) in DistinctByName(target.Secrets)) target.Secret.StringData[key] = value.InTemplate;
        }
        if (target.Endpoints.Count > 0) target.Service = Service(target);
    }

    private static Deployment Deployment(KubernetesResource target) => new()
    {
        Metadata = Metadata(target, HelmNames.Deployment(target.Name)),
        Spec =
        {
            Selector = new(target.Labels),
            Replicas = Replicas(target),
            Template = PodTemplate(target),
            Strategy = { RollingUpdate = { MaxSurge = 1, MaxUnavailable = 1 } },
        },
    };

    private static StatefulSet StatefulSet(KubernetesResource target) => new()
    {
        Metadata = Metadata(target, HelmNames.StatefulSet(target.Name)),
        Spec = { Selector = new(target.Labels), Replicas = Replicas(target), Template = PodTemplate(target) },
    };

    private static Service Service(KubernetesResource target)
    {
        var service = new Service
        {
            Metadata = Metadata(target, HelmNames.Service(target.Name)),
            Spec = { Selector = target.Labels, Type = target.Parent.DefaultServiceType },
        };
        foreach (var endpoint in target.Endpoints.DistinctBy(e => e.Identity))
            service.Spec.Ports.Add(new()
            {
                Name = endpoint.Name,
                Protocol = endpoint.Protocol,
                Port = new(endpoint.ServicePort.AsScalar()),
                TargetPort = new(endpoint.Port.AsScalar()),
            });
        return service;
    }

    private static PodTemplateSpecV1 PodTemplate(KubernetesResource target)
    {
        var template = new PodTemplateSpecV1 { Metadata = { Labels = target.Labels } };
        var container = Container(target);
        template.Spec.Containers.Add(container);
        foreach (var mount in target.TargetResource.Annotations.OfType<ContainerMountAnnotation>())
        {
            var volume = Volume(target, mount);
            template.Spec.Volumes.Add(volume);
            bool? isReadOnly = mount.IsReadOnly ? true : null;
            container.VolumeMounts.Add(new() { Name = volume.Name, MountPath = mount.Target, ReadOnly = isReadOnly });
        }
        return template;
    }

    private static ContainerV1 Container(KubernetesResource target)
    {
        var container = new ContainerV1
        {
            Name = target.Name,
            Image = Image(target),
            ImagePullPolicy = target.Parent.DefaultImagePullPolicy,
        };
        if (target.TargetResource is ContainerResource { Entrypoint: { } entrypoint }) container.Command.Add(entrypoint);
        container.Args.AddRange(target.Arguments);
        if (target.Variables.Count > 0)
            container.EnvFrom.Add(new() { ConfigMapRef = new() { Name = HelmNames.ConfigMap(target.Name) } });
        if (target.Secrets.Count > 0)
            container.EnvFrom.Add(new() { SecretRef = new() { Name = HelmNames.Secret(target.Name) } });
        foreach (var endpoint in target.Endpoints.DistinctBy(e => e.Identity))
            container.Ports.Add(new()
            {
                Name = endpoint.Name,
                Protocol = endpoint.Protocol,
                ContainerPort = new(endpoint.Port.AsScalar()),
            });
        foreach (var annotation in target.TargetResource.Annotations.OfType<EndpointProbeAnnotation>())
        {
            if (Probe(target, annotation) is not { } probe) continue;
            switch (annotation.Type)
            {
                case ProbeType.Startup: container.StartupProbe = probe; break;
                case ProbeType.Readiness: container.ReadinessProbe = probe; break;
                case ProbeType.Liveness: container.LivenessProbe = probe; break;
            }
        }
        return container;
    }

    private static ProbeV1? Probe(KubernetesResource target, EndpointProbeAnnotation probe) =>
        target.Endpoints.FirstOrDefault(e => e.Name == probe.EndpointReference.EndpointName) is not { } endpoint ? null : new()
        {
            HttpGet = new()
            {
                Scheme = endpoint.Scheme,
                Path = probe.Path,
                Port = endpoint.Get(EndpointProperty.TargetPort, embedded: false),
            },
            InitialDelaySeconds = probe.InitialDelaySeconds,
            PeriodSeconds = probe.PeriodSeconds,
            TimeoutSeconds = probe.TimeoutSeconds,
            FailureThreshold = probe.FailureThreshold,
            SuccessThreshold = probe.SuccessThreshold,
        };

    // A project's image is built, and may be called differently where it is pushed to.
    private static string Image(KubernetesResource target)
    {
        if (target.TargetResource is not ProjectResource
            && target.TargetResource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image))
            return FullName(image);
        var key = $"{HelmNames.Key(target.Name)}_image";
        var value = new HelmValue(HelmNames.Value(HelmNames.Parameters, target.Name, key), $"{target.Name}:latest");
        target.Parameters[key] = value;
        return value.AsScalar();
    }

    private static string FullName(ContainerImageAnnotation image) =>
        (image.Registry is { Length: > 0 } registry ? $"{registry}/" : "") + image.Image + image switch
        {
            { SHA256: { Length: > 0 } digest } => $"@sha256:{digest}",
            { Tag: { Length: > 0 } tag } => $":{tag}",
            _ => "",
        };

    private static VolumeV1 Volume(KubernetesResource target, ContainerMountAnnotation mount)
    {
        if (mount.Type == ContainerMountType.BindMount || mount.Source is not { } name)
            throw new DistributedApplicationException(
                $"Resource '{target.Name}' has a mount at '{mount.Target}' that is no named volume: "
                + "only those can be published to Kubernetes.");
        return target.Parent.DefaultStorageType.ToLowerInvariant() switch
        {
            "emptydir" => new() { Name = name, EmptyDir = new() },
            "hostpath" => new() { Name = name, HostPath = new() { Path = mount.Target, Type = "Directory" } },
            "pvc" => new() { Name = name, PersistentVolumeClaim = new() { ClaimName = Claim(target, name).Metadata.Name } },
            _ => throw new DistributedApplicationException(
                $"There is no storage type '{target.Parent.DefaultStorageType}': it is emptyDir, hostPath or pvc."),
        };
    }

    private static PersistentVolumeClaim Claim(KubernetesResource target, string volume)
    {
        var name = HelmNames.Claim(target.Name, volume);
        if (target.Claims.FirstOrDefault(c => c.Metadata.Name == name) is { } existing) return existing;
        var claim = new PersistentVolumeClaim { Metadata = Metadata(target, name) };
        claim.Spec.AccessModes.Add(target.Parent.DefaultStorageReadWritePolicy);
        claim.Spec.Resources.Requests["storage"] = target.Parent.DefaultStorageSize;
        if (target.Parent.DefaultStorageClassName is { Length: > 0 } storageClass) claim.Spec.StorageClassName = storageClass;
        target.Claims.Add(claim);
        return claim;
    }

    private static int Replicas(KubernetesResource target) =>
        target.TargetResource.TryGetLastAnnotation<ReplicaAnnotation>(out var annotation) ? annotation.Replicas : 1;

    private static ObjectMetaV1 Metadata(KubernetesResource target, string name) => new() { Name = name, Labels = target.Labels };

    // The first counts: some systems know one variable whatever the case of its name.
    private static IEnumerable<KeyValuePair<string, HelmValue>> DistinctByName(Dictionary<string, HelmValue> values) =>
        values.DistinctBy(v => v.Key, StringComparer.OrdinalIgnoreCase);
}
