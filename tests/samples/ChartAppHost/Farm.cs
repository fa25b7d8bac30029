#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004, ASPIREPROBES001
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChartAppHost;

/// <summary>A web page, workers that KEDA starts, a broker and a storage.</summary>
static class Farm
{
    public static void Compose(IDistributedApplicationBuilder builder)
    {
        builder.AddKubernetesEnvironment("k8s")
            .WithHelm(helm => helm
                .WithChartName("farm").WithChartVersion("1.2.3").WithChartDescription("Render farm sample")
                .WithNamespace("farm").WithReleaseName("farm"))
            .WithDashboard(false)
            .WithProperties(k8s =>
            {
                k8s.DefaultStorageType = "pvc";
                k8s.DefaultStorageSize = "5Gi";
                k8s.DefaultImagePullPolicy = "IfNotPresent";
                k8s.DefaultServiceType = "ClusterIP";
            });

        var rabbit = builder.AddRabbitMQ("messaging").WithManagementPlugin().WithDataVolume("rabbit-data");
        var storageUser = builder.AddParameter("storage-user", "minioadmin", publishValueAsDefault: true);
        var minio = builder.AddMinioContainer("storage", rootUser: storageUser).WithDataVolume("minio-data");
        var maxJobs = builder.AddParameter("max-jobs", "10", publishValueAsDefault: true);

        builder.AddProject<Projects.WebUi>("webui")
            .WithReference(rabbit).WaitFor(rabbit)
            .WithReference(minio).WaitFor(minio)
            .WithEnvironment("MAX_JOBS", maxJobs)
            .WithHttpProbe(ProbeType.Readiness, "/health", endpointName: "http")
            .WithExternalHttpEndpoints()
            .PublishAsKubernetesService(s =>
            {
                if (s.Service is { } svc) { svc.Spec.Type = "NodePort"; }
                // HTTPGetAction.scheme must be upper case for the API server; the publisher writes the endpoint's "http".
                foreach (var container in s.Workload!.PodTemplate.Spec.Containers)
                    if (container.ReadinessProbe?.HttpGet is { } get) get.Scheme = get.Scheme?.ToUpperInvariant() ?? "HTTP";
            });

        builder.AddProject<Projects.Worker>("worker")
            .WithReference(rabbit).WaitFor(rabbit)
            .WithReference(minio)
            .PublishAsKubernetesService(s =>
            {
                var deployment = (Deployment)s.Workload!;
                var job = new KedaScaledJob
                {
                    Metadata = { Name = "worker-scaledjob" },
                    Spec =
                    {
                        PollingInterval = 5,
                        MaxReplicaCount = "{{ .Values.keda.maxReplicas | int }}",
                        JobTargetRef =
                        {
                            Parallelism = 1, Completions = 1, BackoffLimit = 2, Template = deployment.Spec.Template,
                        },
                    },
                };
                foreach (var l in deployment.Metadata.Labels) { job.Metadata.Labels[l.Key] = l.Value; }
                job.Spec.JobTargetRef.Template.Spec.RestartPolicy = "Never";
                job.Spec.Triggers.Add(new ScaleTrigger
                {
                    Type = "rabbitmq",
                    Metadata = { ["protocol"] = "amqp", ["queueName"] = "jobs", ["mode"] = "QueueLength", ["value"] = "1" },
                    AuthenticationRef = new() { Name = "worker-rabbitmq-auth" },
                });
                s.Workload = job;
                // KEDA's operator resolves the host from its own namespace: a short service name would not resolve there.
                s.AdditionalResources.Add(new Secret
                {
                    Metadata = { Name = "worker-keda" },
                    StringData =
                    {
                        ["host"] = "amqp://guest:{{ .Values.secrets.messaging.messaging_password }}"
                            + "@messaging-service.{{ .Release.Namespace }}.svc:5672/",
                    },
                });
                s.AdditionalResources.Add(new KedaTriggerAuthentication
                {
                    Metadata = { Name = "worker-rabbitmq-auth" },
                    Spec = { SecretTargetRef = { new() { Parameter = "host", Name = "worker-keda", Key = "host" } } },
                });
            });

        // Post-process: add to values.yaml every key the templates refer to but the publisher did not write.
        if (builder.ExecutionContext.IsPublishMode) // the pipeline is validated in run mode too, where publish-k8s does not exist
        builder.Pipeline.AddStep("farm-values", async ctx =>
        {
            var output = ctx.Services.GetRequiredService<Aspire.Hosting.Pipelines.IPipelineOutputService>().GetOutputDirectory();
            await ChartValues.CompleteAsync(output, new() { ["keda.maxReplicas"] = "10" }, ctx.CancellationToken);
            ctx.Logger.LogInformation("values.yaml completed");
        }, dependsOn: "publish-k8s", requiredBy: "publish");
    }
}
