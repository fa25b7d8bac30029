using System.Reflection;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using Microsoft.Extensions.Configuration;
using SdAspire.Hosting.Keda;
using SdAspire.Keda.Settings;
using static SdAspire.AppHost.Kubernetes.PodExtensions;

namespace SdAspire.AppHost.Kubernetes;

/// <summary>
/// What the application is in a cluster, beyond what Aspire makes of it. <c>Chart/</c> has what exists only under a condition, and
/// the values; here is what is always so. Nothing of it happens while the application runs.
/// </summary>
static class ClusterExtensions
{
    // The user of RabbitMQ's image; MinIO's has none and takes any.
    private const long RabbitMQUser = 999;
    private const long MinioUser = 1000;

    private const int MetricsPort = 9464;
    private const int BrokerMetricsPort = 15692;

    private const string ReadinessFile = "/tmp/ready";

    private static readonly Assembly Assembly = typeof(ClusterExtensions).Assembly;

    /// <summary>Adds the chart of <c>aspire publish</c>.</summary>
    public static IResourceBuilder<KubernetesEnvironmentResource> AddCluster(this IDistributedApplicationBuilder builder, string model) =>
        builder.AddKubernetesEnvironment("k8s")
            .WithHelm(helm => helm
                .WithChartName("sdaspire")
                .WithChartVersion(Assembly.GetName().Version!.ToString(3))
                .WithChartDescription("Pictures from text: a page, a queue, and a worker for each message, from zero and back to zero."))
            .WithProperties(k8s => k8s.DefaultStorageType = "pvc")
            .WithDashboard(dashboard => dashboard.PublishAsKubernetesService(service =>
            {
                var pod = service.Workload!.PodTemplate.Spec.Harden(AppUser);
                pod.Containers.Single().Resources = new()
                {
                    Requests = { ["cpu"] = "100m", ["memory"] = "256Mi" },
                    Limits = { ["memory"] = "512Mi" },
                };
            }))
            .PublishDashboardIf(".Values.telemetry.dashboard")
            .WithChartFiles(Assembly, "Chart", new Dictionary<string, string>
            {
                ["model"] = ModelName(model),
                ["storageImage"] = MinioImage.Reference,
            });

    /// <summary>The broker: a volume, a user of its own, and an address that is told by one secret.</summary>
    public static IResourceBuilder<RabbitMQServerResource> InCluster(this IResourceBuilder<RabbitMQServerResource> messaging) =>
        messaging
            .PublishIf(".Values.messaging.enabled")
            .PublishWithSecret(MessagingSecret, "{{ .Values.messaging.uriKey }}", "{{ .Values.messaging.managementUriKey }}")
            .PublishWithVolumeSize("messaging")
            .PublishWithPullSecrets("statefulset.yaml")
            .PublishAsKubernetesService(service =>
            {
                var pod = service.Workload!.PodTemplate.Spec;
                pod.Harden(RabbitMQUser).WithVolumesOf(RabbitMQUser);
                var container = pod.Containers.Single();
                container.Image = "{{ .Values.messaging.image }}";
                container.TakeSecret(service, "RABBITMQ_DEFAULT_PASS", MessagingSecret, "RABBITMQ_DEFAULT_PASS");
                container.Resources = ResourcesOf("messaging");
                container.Ports.Add(new() { Name = "prometheus", Protocol = "TCP", ContainerPort = BrokerMetricsPort });
                container.StartupProbe = new() { TcpSocket = new() { Port = 5672 }, PeriodSeconds = 2, FailureThreshold = 150 };
                container.ReadinessProbe = new() { TcpSocket = new() { Port = 5672 }, PeriodSeconds = 10 };
                container.LivenessProbe = new()
                {
                    Exec = new() { Command = { "rabbitmq-diagnostics", "--quiet", "ping" } },
                    PeriodSeconds = 60,
                    TimeoutSeconds = 15,
                };
                pod.Volumes.Add(new() { Name = "conf", ConfigMap = new() { Name = "messaging-conf" } });
                container.VolumeMounts.Add(new()
                {
                    Name = "conf",
                    MountPath = "/etc/rabbitmq/conf.d/20-sdaspire.conf",
                    SubPath = "20-sdaspire.conf",
                    ReadOnly = true,
                });
            });

    /// <summary>The storage: a volume, a user of its own, and an address that is told by one secret.</summary>
    public static IResourceBuilder<MinioContainerResource> InCluster(this IResourceBuilder<MinioContainerResource> storage) =>
        storage
            .PublishIf(".Values.storage.enabled")
            .PublishWithVolumeSize("storage")
            .PublishWithPullSecrets("statefulset.yaml")
            .PublishAsKubernetesService(service =>
            {
                var pod = service.Workload!.PodTemplate.Spec;
                pod.Harden(MinioUser).WithVolumesOf(MinioUser);
                var container = pod.Containers.Single();
                container.Image = "{{ .Values.storage.image }}";
                container.TakeSecret(service, "MINIO_ROOT_PASSWORD", StorageSecret, "MINIO_ROOT_PASSWORD");
                // It looks for certificates in its home, and makes the folder.
                container.Env.Add(new() { Name = "HOME", Value = "/tmp" });
                container.Resources = ResourcesOf("storage");
                container.ReadinessProbe = Http("/minio/health/ready", 9000, periodSeconds: 10);
                container.LivenessProbe = Http("/minio/health/live", 9000, periodSeconds: 30);
            });

    /// <summary>The page: as many of it as are wanted, each with the same secrets and models.</summary>
    public static IResourceBuilder<ProjectResource> WebUiInCluster(this IResourceBuilder<ProjectResource> webui) =>
        webui.ApplicationBuilder.ExecutionContext.IsRunMode ? webui : webui
            .WithSecret("webui-api-key", "Access__ApiKey")
            .WithSecret("webui-password", "Access__Password")
            .PublishWithPullSecrets("deployment.yaml")
            // Its settings come from ConfigMaps: without this a pod would keep those that it started with.
            .PublishWith("deployment.yaml", "spec.template.metadata", """
                annotations:
                  checksum/config: {{ list .Values.defaultModel .Values.models .Values.storage.retentionDays .Values.webui.lostTasksAfterSeconds .Values.telemetry .Values.config.webui | toJson | sha256sum }}
                """)
            .PublishWithout("deployment.yaml", "spec.replicas")
            .PublishWith("deployment.yaml", "spec", """
                {{- if not .Values.webui.autoscaling.enabled }}
                replicas: {{ .Values.webui.replicas | int }}
                {{- end }}
                """)
            .PublishAsKubernetesService(service =>
            {
                var container = service.AsHardenedService();
                container.EnvFrom.Add(new() { ConfigMapRef = new() { Name = "webui-models" } });
                // Each by its name: a secret of somebody's without one of them must not open the page.
                foreach (var variable in new[] { "Access__ApiKey", "Access__Password" })
                    container.Env.Add(Variable(variable, "{{ .Values.webui.existingSecret | default `webui-secrets` }}", variable));
                container.Env.Add(new() { Name = "Metrics__Port", Value = $"{MetricsPort}" });
                container.Ports.Add(new() { Name = "metrics", Protocol = "TCP", ContainerPort = MetricsPort });
                container.Resources = ResourcesOf("webui");
                // HTTPGetAction.scheme is upper case, and an endpoint's is not.
                foreach (var probe in new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe })
                    if (probe?.HttpGet is { } get) get.Scheme = get.Scheme?.ToUpperInvariant() ?? "HTTP";
                ((Deployment)service.Workload!).Spec.Strategy.RollingUpdate.MaxUnavailable = 0;
            });

    /// <summary>The worker: a class of jobs for each model.</summary>
    public static IResourceBuilder<ProjectResource> WorkerInCluster(
        this IResourceBuilder<ProjectResource> worker, string model, IConfiguration configuration) =>
        worker.ApplicationBuilder.ExecutionContext.IsRunMode ? worker : worker
            .WithJobChart(chart =>
            {
                chart.ValuesSection = "models";
                chart.Class = ModelName(model);
                chart.ClassValues = Read("model.values.yaml").Replace("%model%", ModelName(model), StringComparison.Ordinal);
                chart.ClassSchema = Read("model.values.schema.json");
                chart.MountPath = "{{ $job.path }}";
                chart.Gpu = configuration.GpuMode() ?? GpuMode.None;
                (chart.Cpu, chart.Memory, chart.MemoryLimit) = ("1", "1Gi", "2Gi");
                chart.Environment["Worker__Model"] = "{{ $job.path }}";
                chart.Environment["Worker__ModelName"] = "{{ $name }}";
                chart.Environment["Worker__Queue"] = "{{ $job.queue }}";
                chart.Environment["Worker__Mode"] = "{{ if $job.continuous }}Continuous{{ else }}Job{{ end }}";
                chart.Environment["Worker__Device"] = """{{ if eq $job.gpu.mode "none" }}cpu{{ else }}cuda{{ end }}""";
                // A job that is there before its message waits for it.
                chart.Environment["Worker__WaitSeconds"] = "{{ if $job.minReplicaCount }}-1{{ else }}10{{ end }}";
            })
            .PublishAsKubernetesService(service =>
            {
                var container = service.AsHardenedService();
                container.Env.Add(new() { Name = "Worker__ReadinessFile", Value = ReadinessFile });
                // Ready is the one that has taken its message: until then KEDA counts its job as pending.
                container.ReadinessProbe = new()
                {
                    Exec = new() { Command = { "cat", ReadinessFile } },
                    PeriodSeconds = 1,
                    FailureThreshold = 1,
                };
            })
            // As many threads as the pod is sure to have cores: otherwise each would take all of the node's.
            .PublishWith("deployment.yaml", "spec.template.spec.containers[worker].env", string.Concat(
                new[] { "Worker__Threads", "OMP_NUM_THREADS" }.Select(name => $"""
                    - name: "{name}"
                      valueFrom:
                        resourceFieldRef:
                          resource: requests.cpu

                    """)));

    // `aspire deploy` makes one up, and `helm install` is given it.
    private static IResourceBuilder<ProjectResource> WithSecret(
        this IResourceBuilder<ProjectResource> webui, string parameter, string variable) =>
        webui.WithEnvironment(
            variable, webui.ApplicationBuilder.AddParameter(parameter, new GenerateParameterDefault { Special = false }, secret: true));

    private static string ModelName(string model) => Path.GetFileName(Path.TrimEndingDirectorySeparator(model));

    private static string Read(string file)
    {
        using var reader = new StreamReader(Assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd();
    }
}
