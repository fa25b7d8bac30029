#pragma warning disable ASPIREPROBES001
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace ChartAppHost;

/// <summary>One of everything that a chart can be made of.</summary>
static class Studio
{
    public static void Compose(IDistributedApplicationBuilder builder)
    {
        builder.AddKubernetesEnvironment("k8s")
            .WithHelm(helm => helm
                .WithChartName(builder.AddParameter("chart-name", "studio", publishValueAsDefault: true))
                .WithChartVersion("v1.0"))
            .WithDashboard(dashboard => dashboard.WithEnvironment("DASHBOARD__TELEMETRYLIMITS__MAXLOGCOUNT", "5000"));

        var secret = builder.AddParameter("api-key", secret: true);
        var unset = builder.AddParameter("region", "north");
        var preset = builder.AddParameter("log-level", "Information", publishValueAsDefault: true);
        var generated = builder.AddParameter("session-key", new GenerateParameterDefault { MinLength = 30 }, secret: true);
        var ledger = builder.AddConnectionString("ledger");
        var messaging = builder.AddRabbitMQ(
                "messaging",
                userName: builder.AddParameter("broker-user", "studio", publishValueAsDefault: true))
            .WithDataVolume();
        var digest = new string('a', 64);
        builder.AddContainer("tagged", "registry.example:5000/studio/tagged:3.2").WithHttpsEndpoint(port: 8443);
        builder.AddContainer("pinned", $"studio/pinned@sha256:{digest}").WithImageRegistry("registry.example");
        builder.AddContainer("renamed", "studio/old", "7").WithImage("studio/new").WithImageTag("8");

        var cache = builder.AddContainer("image-cache", "studio/cache", "2.1")
            .WithImageRegistry("registry.example")
            .WithHttpEndpoint(port: 80, targetPort: 6000)
            .WithEndpoint(port: 7000, name: "peer", scheme: "tcp")
            .WithEndpoint(name: "gossip", scheme: "udp", protocol: System.Net.Sockets.ProtocolType.Udp)
            .WithVolume("cache-data", "/data")
            .WithVolume("cache-seed", "/seed", isReadOnly: true)
            .WithEnvironment("API_KEY", secret)
            .WithEnvironment("MODE", "fast")
            .WithArgs("--level", "{literal}");
        cache.Resource.Entrypoint = "/bin/cache";

        EndpointReferenceExpression CachePort(string endpoint) => cache.GetEndpoint(endpoint).Property(EndpointProperty.Port);

        var api = builder.AddProject<Projects.WebUi>("api")
            .WithHttpEndpoint(name: "admin")
            .WithHttpEndpoint(name: "metrics", targetPort: 9464)
            .WithReplicas(3)
            .WithReference(messaging)
            .WithReference(ledger)
            .WithReference(cache.GetEndpoint("http"))
            .WithEnvironment("SESSION_KEY", generated)
            .WithEnvironment("REGION", unset)
            .WithEnvironment("LOG_LEVEL", preset)
            .WithEnvironment("GREETING", $"{preset} from {unset}: {secret}")
            .WithEnvironment("CACHE_URL", cache.GetEndpoint("http"))
            .WithEnvironment("CACHE_PEER", $"{cache.GetEndpoint("peer").Property(EndpointProperty.HostAndPort)}")
            .WithEnvironment("CACHE_TARGET", $"{cache.GetEndpoint("http").Property(EndpointProperty.TargetPort)}")
            .WithEnvironment("CACHE_PORTS", $"{CachePort("http")}-{CachePort("peer")}")
            .WithEnvironment("with-hyphen", "value with \"quotes\" and a\nnew line")
            .WithEnvironment("EMPTY", "")
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["FLAG"] = true;
                context.EnvironmentVariables["RATIO"] = 1.5;
                context.EnvironmentVariables["OWN_PORT"] = context.ExecutionContext.IsPublishMode ? 1 : 2;
            })
            .WithHttpProbe(ProbeType.Startup, "/alive", periodSeconds: 2, failureThreshold: 30, endpointName: "admin")
            .WithHttpProbe(ProbeType.Readiness, "/health", endpointName: "http")
            .WithHttpProbe(ProbeType.Liveness, "/alive", initialDelaySeconds: 9, timeoutSeconds: 3, endpointName: "http");

        var front = builder.AddProject<Projects.WebUi>("Front-End", launchProfileName: null)
            .WithHttpEndpoint(port: 5000)
            .WithHttpsEndpoint()
            .WithExternalHttpEndpoints()
            .WithReference(api)
            .WithReference(api.GetEndpoint("admin"))
            .WithHttpHealthCheck("/health", endpointName: "http");
        api.WithEnvironment("FRONT", front.GetEndpoint("http"));

        builder.AddProject<Projects.Worker>("worker")
            .WithReference(front)
            .WaitFor(api)
            .WithArgs("--port")
            .PublishAsKubernetesService(service =>
            {
                var pod = service.Workload!.PodTemplate.Spec;
                pod.AutomountServiceAccountToken = false;
                pod.TerminationGracePeriodSeconds = 120;
                pod.NodeSelector["pool"] = "gpu";
                pod.Tolerations.Add(new() { Key = "nvidia.com/gpu", Operator = "Exists", Effect = "NoSchedule" });
                pod.SecurityContext = new()
                {
                    RunAsNonRoot = true,
                    RunAsUser = 1654,
                    SeccompProfile = new() { Type = "RuntimeDefault" },
                };
                var container = pod.Containers[0];
                container.Resources = new()
                {
                    Limits = { ["nvidia.com/gpu"] = "{{ .Values.gpu.count | int }}" },
                    Requests = { ["memory"] = "4Gi" },
                };
                container.SecurityContext = new() { ReadOnlyRootFilesystem = true, Capabilities = new() { Drop = { "ALL" } } };
                var node = new ObjectFieldSelectorV1 { FieldPath = "spec.nodeName" };
                container.Env.Add(new() { Name = "NODE", ValueFrom = new() { FieldRef = node } });
                container.VolumeMounts.Add(new() { Name = "scratch", MountPath = "/tmp" });
                pod.Volumes.Add(new() { Name = "scratch", EmptyDir = new() { SizeLimit = "1Gi" } });
                service.AdditionalResources.Add(
                    new ConfigMap { Metadata = { Name = "shared" }, Data = { ["a"] = "{{ .Values.a }}", ["n"] = "1" } });
                service.ConfigMap!.Metadata.Annotations["note"] = "kept";
            });

        builder.AddProject<Projects.Worker>("draft").ExcludeFromManifest();
        builder.AddExecutable("tool", "sleep", ".", "1").WithReference(api);
    }
}
