using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace SdAspire.AppHost.Kubernetes;

/// <summary>What every pod of the application has: least rights, and the addresses of broker and storage from their secrets.</summary>
static class PodExtensions
{
    // In backquotes: quotes would be escaped, since the text is in some itself.
    public const string MessagingSecret = "{{ .Values.messaging.existingSecret | default `messaging-secrets` }}";
    public const string StorageSecret = "{{ .Values.storage.existingSecret | default `storage-secrets` }}";

    /// <summary>The user of .NET's images.</summary>
    public const long AppUser = 1654;

    private const string Temporary = "tmp";

    /// <summary>As the Pod Security Standard "restricted" wants it, with a root file system that cannot be written.</summary>
    public static PodSpecV1 Harden(this PodSpecV1 pod, long user)
    {
        pod.AutomountServiceAccountToken = false;
        pod.EnableServiceLinks = false;
        pod.SecurityContext = new()
        {
            RunAsNonRoot = true,
            RunAsUser = user,
            RunAsGroup = user,
            SeccompProfile = new() { Type = "RuntimeDefault" },
        };
        pod.Volumes.Add(new() { Name = Temporary, EmptyDir = new() });
        foreach (var container in pod.Containers)
        {
            container.SecurityContext = new()
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                Capabilities = new() { Drop = { "ALL" } },
            };
            container.VolumeMounts.Add(new() { Name = Temporary, MountPath = "/tmp" });
        }
        return pod;
    }

    /// <summary>Lets the user write its volumes, and changes their files only if they are not its own: some must be its alone.</summary>
    public static void WithVolumesOf(this PodSpecV1 pod, long user)
    {
        pod.SecurityContext!.FsGroup = user;
        pod.SecurityContext.FsGroupChangePolicy = "OnRootMismatch";
    }

    /// <summary>One of our own images: least rights, telemetry, and the addresses of broker and storage.</summary>
    public static ContainerV1 AsHardenedService(this KubernetesResource service)
    {
        var pod = service.Workload!.PodTemplate.Spec;
        pod.Harden(AppUser);
        var container = pod.Containers.Single();
        // Parts of addresses, which Aspire tells for other languages, are wrong where the address is another one.
        foreach (var (name, _) in service.ConfigMap!.Data.ToList())
            if (name.StartsWith("MESSAGING_", StringComparison.Ordinal) || name.StartsWith("STORAGE_", StringComparison.Ordinal)
                || name.StartsWith("OTEL_EXPORTER_", StringComparison.Ordinal))
                service.ConfigMap.Data.Remove(name);
        service.RemoveSecret(container);
        container.EnvFrom.Add(new() { ConfigMapRef = new() { Name = "telemetry-config" } });
        container.Env.Add(Variable("ConnectionStrings__messaging", MessagingSecret, "{{ .Values.messaging.uriKey }}"));
        container.Env.Add(Variable("ConnectionStrings__storage", StorageSecret, "connectionString"));
        container.Env.Add(new() { Name = "POD_NAME", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } } });
        container.Env.Add(new() { Name = "OTEL_RESOURCE_ATTRIBUTES", Value = "service.instance.id=$(POD_NAME)" });
        return container;
    }

    /// <summary>One variable from a secret of the chart, in the place of the secret that Aspire makes.</summary>
    public static void TakeSecret(this ContainerV1 container, KubernetesResource service, string variable, string secret, string key)
    {
        service.RemoveSecret(container);
        container.Env.Add(Variable(variable, secret, key));
    }

    /// <summary>Requests and limits of the section of the values with that name.</summary>
    public static ResourceRequirementsV1 ResourcesOf(string section) => new()
    {
        Requests =
        {
            ["cpu"] = $"{{{{ .Values.{section}.resources.requests.cpu }}}}",
            ["memory"] = $"{{{{ .Values.{section}.resources.requests.memory }}}}",
        },
        // No limit on the CPU: it would only slow down what could use an idle core.
        Limits = { ["memory"] = $"{{{{ .Values.{section}.resources.limits.memory }}}}" },
    };

    public static ProbeV1 Http(string path, int port, int periodSeconds) => new()
    {
        HttpGet = new() { Scheme = "HTTP", Path = path, Port = port },
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = 5,
    };

    /// <summary>The size and the class of the volume are values, and what is in it outlives the installation.</summary>
    public static IResourceBuilder<T> PublishWithVolumeSize<T>(this IResourceBuilder<T> builder, string section) where T : IResource
    {
        var file = $"sdaspire-{section}-pvc.yaml";
        return builder
            .PublishWith(file, "metadata", """
                annotations:
                  helm.sh/resource-policy: keep
                """)
            .PublishWithout(file, "spec.resources")
            .PublishWith(file, "spec", $$$"""
                {{- with .Values.{{{section}}}.storageClassName }}
                storageClassName: {{ . | quote }}
                {{- end }}
                resources:
                  requests:
                    storage: {{ .Values.{{{section}}}.storageSize | quote }}
                """);
    }

    /// <summary>Images may be in a registry that wants to know who asks.</summary>
    public static IResourceBuilder<T> PublishWithPullSecrets<T>(this IResourceBuilder<T> builder, string file) where T : IResource =>
        builder.PublishWith(file, "spec.template.spec", """
            {{- with .Values.imagePullSecrets }}
            imagePullSecrets:
              {{- range . }}
              - name: {{ . | quote }}
              {{- end }}
            {{- end }}
            """);

    private static void RemoveSecret(this KubernetesResource service, ContainerV1 container)
    {
        service.Secret = null;
        container.EnvFrom.RemoveAll(source => source.SecretRef is not null);
    }

    /// <summary>A variable from one key of a secret; a pod does not start without it.</summary>
    public static EnvVarV1 Variable(string name, string secret, string key) =>
        new() { Name = name, ValueFrom = new() { SecretKeyRef = new() { Name = secret, Key = key } } };
}
