namespace SdAspire.Chart.Tests.Charts;

/// <summary>Values with which the application's chart is installed, and what is in the cluster for them.</summary>
sealed record ValueSet(string Name, string Yaml)
{
    /// <summary>The name of the model that the chart is published with.</summary>
    private const string Model = "fluent-small-64";

    /// <summary>What every installation is given.</summary>
    public const string Passwords = """
        secrets:
          messaging: {messaging_password: broker-passw0rd}
          storage: {storage_rootPassword: storage-passw0rd}
          webui: {webui_api_key: page-api-key-01234567, webui_password: page-passw0rd}
        """;

    private const string BrokerElsewhere = """
        messaging:
          enabled: false
          external: {uri: "amqps://u:broker-passw0rd@mq.example:5671/v", managementUri: "https://u:broker-passw0rd@mq.example/"}

        """;

    private const string StorageElsewhere = """
        storage:
          enabled: false
          external: {connectionString: "Endpoint=https://s3.example;AccessKey=a;SecretKey=storage-passw0rd"}

        """;

    /// <summary>Secrets that somebody else has made.</summary>
    public Dictionary<string, IReadOnlyList<string>> Secrets { get; init; } = [];

    public IReadOnlyList<string> Claims { get; init; } = [];

    /// <summary>The passwords that the chart's secrets have.</summary>
    public IReadOnlyList<string> Passed { get; init; } = ["broker-passw0rd", "storage-passw0rd", "page-api-key-01234567", "page-passw0rd"];

    public static IReadOnlyList<ValueSet> All { get; } =
    [
        new("default", ""),
        new("a GPU for each", Models("gpu: {mode: exclusive}")),
        new("two GPUs for each", Models("gpu: {mode: exclusive, count: 2}")),
        new("a share of a GPU by turns", Models("gpu: {mode: shared}") + "gpuSharing: {enabled: true}\n"),
        new("a share of a GPU side by side", Models("gpu: {mode: shared}") + "gpuSharing: {enabled: true, strategy: mps, replicas: 2}\n"),
        new("continuous", Models("continuous: true")),
        new("continuous on GPUs", Models("{continuous: true, minReplicaCount: 1, gpu: {mode: exclusive}}")),
        new("a broker elsewhere", BrokerElsewhere),
        new("storage elsewhere", StorageElsewhere),
        new("both elsewhere, continuous", BrokerElsewhere + StorageElsewhere + Models("continuous: true")),
        new("secrets of somebody else", """
            messaging: {existingSecret: my-broker}
            storage: {existingSecret: my-storage}
            webui: {existingSecret: my-page}
            """)
        {
            Secrets = new()
            {
                ["my-broker"] = ["RABBITMQ_DEFAULT_PASS", "uri", "managementUri"],
                ["my-storage"] = ["MINIO_ROOT_PASSWORD", "connectionString"],
                ["my-page"] = ["Access__ApiKey", "Access__Password"],
            },
            Passed = [],
        },
        new("three brokers by the operator", """
            messaging:
              enabled: false
              operator: {enabled: true}
              existingSecret: messaging-default-user
              uriKey: connection_string
              managementUriKey: ""
            """) { Passed = ["storage-passw0rd", "page-api-key-01234567", "page-passw0rd"] },
        new("TLS by cert-manager", "ingress: {enabled: true, host: p.example, className: nginx, tls: {clusterIssuer: letsencrypt}}"),
        new("TLS by a secret", "ingress: {enabled: true, host: p.example, annotations: {a/b: \"1\"}, tls: {secretName: my-tls}}")
        {
            Secrets = new() { ["my-tls"] = ["tls.crt", "tls.key"] },
        },
        new("no TLS", "ingress: {enabled: true, host: p.example, tls: {enabled: false}}"),
        new("several pages", "webui: {replicas: 3}"),
        new("pages as needed", "webui: {autoscaling: {enabled: true}}"),
        new("no policies", "networkPolicies: {enabled: false}"),
        new("the dashboard", "telemetry: {dashboard: true}"),
        new("a collector", "telemetry: {otlpEndpoint: \"http://collector.monitoring.svc:4317\", podMonitor: {enabled: true, labels: {team: art}}}"),
        new("a price", "telemetry: {pricePerHour: {fluent-small-64: 0.35}, podMonitor: {enabled: true}}"),
        new("a model in an image", Models("{volume: {image: \"registry.example/model:1\"}, prepull: true}")),
        new("a model in a volume", Models("{volume: {claim: models}}")) { Claims = ["models"] },
        new("the strategy custom", Models("{strategy: custom, customScalingRunningJobPercentage: \"0.5\", pendingPodConditions: []}")),
        new("whole GPUs beside shares", Models("{gpu: {mode: exclusive}}") + "gpuSharing: {enabled: true, strategy: mps}\n"),
        new("nodes on demand", "karpenter: {enabled: true, cluster: ours, role: nodes, labels: {team: art}}"),
        new("two models", Models("gpu: {mode: none}") + """
              big-512:
                path: /models/big-512
                queue: tasks-big
                continuous: true
                profile: {Width: "512", Height: "512", Steps: "20", GuidanceScale: "7.5", Scheduler: ddim, PixelsPerLatent: "8"}
                pollingInterval: 5
                paused: false
                minReplicaCount: 0
                maxReplicaCount: 2
                value: 1
                activationValue: 0
                strategy: accurate
                pendingPodConditions: []
                customScalingQueueLengthDeduction: 0
                customScalingRunningJobPercentage: ""
                successfulJobsHistoryLimit: 10
                failedJobsHistoryLimit: 10
                ttlSecondsAfterFinished: 600
                activeDeadlineSeconds: 0
                cooldownPeriod: 300
                image: ""
                env: {}
                nodeSelector: {}
                tolerations: []
                spread: true
                priorityClassName: ""
                runtimeClassName: ""
                prepull: false
                terminationGracePeriodSeconds: 120
                gpu: {mode: exclusive, count: 1, resource: nvidia.com/gpu}
                resources: {requests: {cpu: "2", memory: 8Gi}, limits: {memory: 16Gi}}
                volume: {image: "", claim: models}
            """) { Claims = ["models"] },
        new("everything", Models("""
            {gpu: {mode: shared}, prepull: true, priorityClassName: low, runtimeClassName: nvidia, paused: true, env: {LOG: "1"},
                nodeSelector: {nvidia.com/gpu.product: NVIDIA-L4}, tolerations: [{key: a, operator: Exists, effect: NoSchedule}],
                image: "registry.example/worker:cuda", volume: {image: "registry.example/model:1"}}
            """) + """
            gpuSharing: {enabled: true}
            imagePullSecrets: [registry]
            ingress: {enabled: true, host: p.example, className: nginx, tls: {clusterIssuer: letsencrypt}}
            webui: {autoscaling: {enabled: true, maxReplicas: 9}}
            telemetry: {dashboard: true, podMonitor: {enabled: true}}
            storage: {retentionDays: 30, storageClassName: fast, storageSize: 100Gi}
            messaging: {storageClassName: fast}
            """) { Secrets = new() { ["registry"] = [".dockerconfigjson"] } },
    ];

    private static string Models(string yaml) => $"models:\n  {Model}:\n    {yaml}\n";
}
