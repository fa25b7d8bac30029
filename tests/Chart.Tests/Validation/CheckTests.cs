using SdAspire.Chart.Tests.Helm;

namespace SdAspire.Chart.Tests.Validation;

/// <summary>Every check is silent about good.yaml, and says what is wrong once a line of it is.</summary>
public sealed class CheckTests
{
    private static readonly string Good = File.ReadAllText(
        Path.Combine(Repository.Root, "tests", "Chart.Tests", "Validation", "good.yaml"));

    [Fact]
    public async Task Good_manifests_pass() => (await RunAsync(Good)).ShouldBeEmpty();

    [Theory]
    [InlineData("kind: PersistentVolumeClaim", "kind: PersistantVolumeClaim", "unknown kind v1 PersistantVolumeClaim")]
    [InlineData("minAvailable: 1", "minAvailible: 1", ".spec.minAvailible: unknown field of V1PodDisruptionBudgetSpec")]
    [InlineData("value: \"info\"", "value: 7", "env[2].value: not text")]
    [InlineData("MODE: \"quiet\"", "MODE: on", ".data.MODE: not text")]
    [InlineData("containerPort: 8080", "containerPort: \"8080\"", "containerPort: no integer")]
    [InlineData("readOnlyRootFilesystem: true\n            capabilities", "readOnlyRootFilesystem: \"true\"\n            capabilities", "not true or false")]
    [InlineData("args: [--quiet]", "args: --quiet", "args: no list")]
    [InlineData("data:\n  MODE: \"quiet\"\n  PORT: \"8080\"", "data: [MODE]", ".data: no map")]
    [InlineData("restartPolicy: Never", "restartPolice: Never", "restartPolice: unknown field of V1PodSpec")]
    [InlineData("requests: {cpu: \"1\", memory: 2Gi}", "request: {cpu: \"1\", memory: 2Gi}", ".spec.resources.request: unknown field")]
    [InlineData("expireAfter: 168h", "expireAfter: 7d", "expireAfter: PatternMismatch")]
    [InlineData("consolidateAfter: 5m", "consolidateafter: 5m", "NoAdditionalPropertiesAllowed")]
    [InlineData("role: nodes", "roles: nodes", "PropertyRequired")]
    [InlineData("volumeSize: 100Gi", "volumeSize: 100", "volumeSize: StringExpected")]
    [InlineData("interval: 30s", "interval: 30", "interval: StringExpected")]
    [InlineData("replicas: 3", "replicas: -3", "replicas: NumberTooSmall")]
    public Task An_object_that_a_server_would_not_take(string good, string bad, string problem) => FindsAsync(good, bad, problem);

    [Theory]
    [InlineData("pollingInterval: 2", "pollInterval: 2", "NoAdditionalPropertiesAllowed")]
    [InlineData("maxReplicaCount: 4", "maxReplicaCount: \"4\"", "maxReplicaCount: IntegerExpected")]
    [InlineData("value: \"1\"\n", "value: 1\n", "value: StringExpected")]
    [InlineData("  triggers:\n    - type: rabbitmq", "  triggers:\n    - tipe: rabbitmq", "PropertyRequired")]
    [InlineData("parameter: host", "parametr: host", "NoAdditionalPropertiesAllowed")]
    public Task An_object_of_KEDAs_that_its_definition_forbids(string good, string bad, string problem)
    {
        Assert.SkipUnless(CustomResources.HasKeda, $"KEDA's definitions are not in {CustomResources.KedaFolder} (SD_KEDA_CRDS names another).");
        return FindsAsync(good, bad, problem);
    }

    [Theory]
    [InlineData("secretKeyRef: {name: web-secrets, key: password}", "secretKeyRef: {name: web-secrets, key: pasword}", "Secret web-secrets has no key 'pasword'")]
    [InlineData("secretKeyRef: {name: web-secrets, key: password}", "secretKeyRef: {name: secrets, key: password}", "there is no Secret secrets")]
    [InlineData("secretKeyRef: {name: web-secrets, key: password}", "secretKeyRef: {name: \"\", key: password}", "a Secret is referred to without a name")]
    [InlineData("secretKeyRef: {name: web-secrets, key: password}", "secretKeyRef: {name: web-secrets, key: \"\"}", "Secret web-secrets has no key ''")]
    [InlineData("configMapKeyRef: {name: web-config, key: MODE}", "configMapKeyRef: {name: web-config, key: MOOD}", "ConfigMap web-config has no key 'MOOD'")]
    [InlineData("configMapRef: {name: web-config}", "configMapRef: {name: config}", "there is no ConfigMap config")]
    [InlineData("configMapRef: {name: web-config}", "secretRef: {name: web-config}", "there is no Secret web-config")]
    [InlineData("items: [{key: password,", "items: [{key: pass,", "Secret web-secrets has no key 'pass'")]
    [InlineData("secretName: web-secrets", "secretName: other", "there is no Secret other")]
    [InlineData("- name: registry", "- name: registri", "there is no Secret registri")]
    [InlineData("      automountServiceAccountToken: false\n      securityContext", "      automountServiceAccountToken: false\n      serviceAccountName: robot\n      securityContext", "there is no ServiceAccount robot")]
    [InlineData("key: connection_string", "key: uri", "Secret broker-default-user has no key 'uri'")]
    [InlineData("authenticationRef:\n        name: broker", "authenticationRef:\n        name: brokr", "there is no TriggerAuthentication brokr")]
    [InlineData("queueName: tasks", "hostFromEnv: BROKER", "hostFromEnv: no container sets BROKER by name")]
    [InlineData("cert-manager.io/cluster-issuer: \"ours\"", "ours: \"x\"", "there is no Secret web-tls")]
    [InlineData("hosts: [web.example]", "hosts: [other.example]", "the TLS host other.example is in no rule")]
    public Task A_name_of_what_is_not_there(string good, string bad, string problem) => FindsAsync(good, bad, problem);

    [Theory]
    [InlineData("  selector:\n    app: web\n  ports", "  selector:\n    app: wep\n  ports", "Service/web: no pod is app=wep")]
    [InlineData("  selector:\n    matchLabels:\n      app: web\n  template", "  selector:\n    matchLabels:\n      app: wep\n  template", "Deployment/web: does not select its own pods")]
    [InlineData("  selector:\n    matchLabels:\n      app: web\n  template", "  selector: {}\n  template", "Deployment/web: selects all pods")]
    [InlineData("          app: job\n      spec", "          app: web\n      spec", "Deployment/web: selects the pods of ScaledJob/job, too")]
    [InlineData("  podSelector:\n    matchLabels:\n      app: web", "  podSelector:\n    matchLabels:\n      app: wep", "NetworkPolicy/web: no pod is app=wep")]
    [InlineData("              app: job\n      ports", "              app: jop\n      ports", "NetworkPolicy/web: no pod is app=jop")]
    [InlineData("operator: In, values: [broker]", "operator: NotIn, values: [broker, null]", "NetworkPolicy/web: none of the pods")]
    [InlineData("values: [broker]}", "values: [broken]}", "NetworkPolicy/web: no pod is  app.kubernetes.io/name In [broken]")]
    [InlineData("  minAvailable: 1\n  selector:\n    matchLabels:\n      app: web", "  minAvailable: 1\n  selector:\n    matchLabels:\n      app: wep", "PodDisruptionBudget/web: no pod is app=wep")]
    [InlineData("      app: web\n  podMetricsEndpoints", "      app: wep\n  podMetricsEndpoints", "PodMonitor/web: no pod is app=wep")]
    [InlineData("                  matchLabels:\n                    app: web", "                  matchLabels:\n                    app: wep", "Deployment/web: no pod is app=wep")]
    [InlineData("kind: Deployment, name: web}", "kind: Deployment, name: wep}", "there is no Deployment wep")]
    [InlineData("  selector:\n    matchLabels:\n      app: web\n  template", "  replicas: 2\n  selector:\n    matchLabels:\n      app: web\n  template", "has replicas of its own")]
    [InlineData("minReplicas: 2", "minReplicas: 2\n---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: two}\n"
        + "spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n---\n"
        + "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: three}\n"
        + "spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n", "Deployment/web has another scaler")]
    [InlineData("app: web\n", "app: web-1.2.3\n", "has the chart's version, and cannot change")]
    [InlineData("  selector:\n    app: web\n", "  selector:\n    app: web\n    helm.sh/chart: web\n", "has the chart's version, and cannot change")]
    public Task A_selector_that_selects_the_wrong(string good, string bad, string problem) => FindsAsync(good, bad, problem);

    [Theory]
    [InlineData("targetPort: http", "targetPort: https", "Service/web: Deployment/web does not open https")]
    [InlineData("targetPort: http", "targetPort: 8081", "Service/web: Deployment/web does not open 8081")]
    [InlineData("      targetPort: http\n", "", "Service/web: Deployment/web does not open 80")]
    [InlineData("port: {name: http}", "port: {name: https}", "Ingress/web: Service/web has no port https")]
    [InlineData("port: {name: http}", "port: {number: 8080}", "Ingress/web: Service/web has no port 8080")]
    [InlineData("name: web\n                port", "name: page\n                port", "there is no Service page")]
    [InlineData("- port: 8080", "- port: 8081", "NetworkPolicy/web: none of its pods opens 8081")]
    [InlineData("- port: 5672", "- port: 5671", "NetworkPolicy/web: none of the pods that it leads to opens 5671")]
    [InlineData("- port: metrics", "- port: prometheus", "PodMonitor/web: Deployment/web does not open prometheus")]
    [InlineData("path: /health, port: http", "path: /health, port: https", "web does not open https of its readinessProbe")]
    [InlineData("scheme: HTTP,", "scheme: http,", "web: readinessProbe has the scheme http")]
    [InlineData("- name: metrics\n", "- name: http\n", "two ports are named http")]
    [InlineData("containerPort: 9090", "containerPort: 8080", "two ports have the number 8080")]
    public Task A_port_that_nobody_opens(string good, string bad, string problem) => FindsAsync(good, bad, problem);

    [Theory]
    [InlineData("MODE: \"quiet\"", "MODE: \"s3cret-value\"", "ConfigMap/web-config: .data.MODE shows 's3cret-value'")]
    [InlineData("args: [--quiet]", "args: [--password=s3cret-value]", "args[0] shows 's3cret-value'")]
    [InlineData("value: \"info\"", "value: \"amqp://u:s3cret-value@h\"", "env[2].value shows 's3cret-value'")]
    [InlineData("  name: web-secrets\ntype", "  name: web-secrets\n  annotations: {note: s3cret-value}\ntype", ".metadata.annotations.note shows")]
    [InlineData("password: \"s3cret-value\"", "password: \"other\"", "'s3cret-value' is in no Secret")]
    public Task A_secret_that_is_none(string good, string bad, string problem) => FindsAsync(good, bad, problem);

    [Theory]
    [InlineData("metadata:\n  name: web-data", "metadata:\n  name: Web_Data", "'Web_Data' is no name")]
    [InlineData("metadata:\n  name: web-data", "metadata:\n  name: a123456789-123456789-123456789-123456789-123456789-123456789-1234", "more than 63 characters")]
    [InlineData("kind: Service\nmetadata:\n  name: web", "kind: Service\nmetadata:\n  name: 1web", "'1web' is no name of a Service")]
    [InlineData("  name: job\nspec", "  name: job-123456789-123456789-123456789-123456789-123456789-1234\nspec", "more than 57 characters")]
    [InlineData("  PORT: \"8080\"", "  \"PORT NUMBER\": \"8080\"", "'PORT NUMBER' is no key")]
    [InlineData("          app: job\n      spec", "          app: \"my job\"\n      spec", "'my job' is no value of a label")]
    [InlineData("          app: job\n      spec", "          \"my app\": job\n      spec", "'my app' is no name of a label")]
    [InlineData("- name: settings\n          secret", "- name: Settings\n          secret", "'Settings' is no name")]
    [InlineData("- name: metrics\n", "- name: prometheus-metrics\n", "'prometheus-metrics' is no name of a port")]
    [InlineData("- name: LEVEL", "- name: \"1 LEVEL\"", "'1 LEVEL' is no name of a variable")]
    [InlineData("- name: LEVEL", "- name: MODE", "sets MODE 2 times")]
    [InlineData("kind: ConfigMap\nmetadata:\n  name: web-config", "kind: Secret\nmetadata:\n  name: web-secrets", "Secret/web-secrets: is there 2 times")]
    public Task A_name_that_a_server_would_not_take(string good, string bad, string problem) => FindsAsync(good, bad, problem);

    [Theory]
    [InlineData("storage: 5Gi\n---\napiVersion: apps", "storage: 5GB\n---\napiVersion: apps", "storage '5GB' is no quantity")]
    [InlineData("memory: 256Mi}", "memory: 1Gi}", "memory requests 1Gi, more than its limit")]
    [InlineData("nvidia.com/gpu: 1}", "nvidia.com/gpu: 0.5}", "nvidia.com/gpu '0.5' is no whole number")]
    [InlineData("cpu: 250m, memory: 256Mi}", "cpu: 250m, memory: 256Mi, nvidia.com/gpu: 2}", "nvidia.com/gpu requests another number than its limit")]
    [InlineData("persistence:\n    storage: 5Gi", "persistence:\n    storage: some", ".spec.persistence.storage: 'some' is no quantity")]
    [InlineData("- name: data\n              mountPath", "- name: date\n              mountPath", "there is no volume date")]
    [InlineData("            - name: settings\n              mountPath: /settings\n", "", "nothing mounts the volume settings")]
    [InlineData("mountPath: /settings", "mountPath: /data", "web mounts two volumes at /data")]
    [InlineData("- name: settings\n          secret", "- name: data\n          secret", "two volumes are named data")]
    [InlineData("claimName: web-data", "claimName: data", "there is no PersistentVolumeClaim data")]
    public Task A_quantity_or_volume_that_is_none(string good, string bad, string problem) => FindsAsync(good, bad, problem);

    [Theory]
    [InlineData("runAsNonRoot: true\n        seccomp", "seccomp", "web may run as root")]
    [InlineData("runAsNonRoot: true\n        seccomp", "runAsNonRoot: true\n        runAsUser: 0\n        seccomp", "web runs as root")]
    [InlineData("        seccompProfile: {type: RuntimeDefault}\n      image", "      image", "web has no seccomp profile")]
    [InlineData("            allowPrivilegeEscalation: false\n            readOnlyRootFilesystem: true\n            capabilities", "            capabilities", "web may gain privileges")]
    [InlineData("            allowPrivilegeEscalation: false\n            readOnlyRootFilesystem: true\n            capabilities", "            capabilities", "web may write to its root")]
    [InlineData("            capabilities: {drop: [ALL]}\n          resources", "          resources", "web keeps capabilities")]
    [InlineData("{drop: [ALL]}\n          resources", "{drop: [ALL], add: [SYS_ADMIN]}\n          resources", "web adds SYS_ADMIN")]
    [InlineData("{drop: [ALL]}\n          resources", "{drop: [ALL]}\n            privileged: true\n          resources", "web is privileged")]
    [InlineData("{drop: [ALL]}\n          resources", "{drop: [ALL]}\n            procMount: Unmasked\n          resources", "web sees all of /proc")]
    [InlineData("      automountServiceAccountToken: false\n      sec", "      sec", "Deployment/web: gets the token of a service account")]
    [InlineData("      automountServiceAccountToken: false\n      sec", "      automountServiceAccountToken: false\n      hostNetwork: true\n      sec", "has hostNetwork")]
    [InlineData("persistentVolumeClaim: {claimName: web-data}", "hostPath: {path: /}", "has a volume of the kind hostPath")]
    [InlineData("containerPort: 8080", "containerPort: 8080\n              hostPort: 80", "web takes a port of the node")]
    [InlineData("image: web:1.0", "image: \"\"", "web has no image")]
    [InlineData("requests: {cpu: 250m, memory: 256Mi}", "requests: {cpu: 250m}", "web requests no memory")]
    [InlineData("limits: {memory: 512Mi, ", "limits: {", "web has no limit on memory")]
    public Task A_pod_that_may_do_too_much(string good, string bad, string problem) => FindsAsync(good, bad, problem);

    private static async Task FindsAsync(string good, string bad, string problem)
    {
        Good.ShouldContain(good, Case.Sensitive);
        var problems = await RunAsync(Good.Replace(good, bad, StringComparison.Ordinal));
        problems.ShouldContain(p => p.Contains(problem, StringComparison.Ordinal), string.Join('\n', problems));
    }

    private static Task<IReadOnlyList<string>> RunAsync(string manifests) => Checks.RunAsync(
        Manifests.Of(new Rendered([("test.yaml", manifests)])).Knowing(
            secrets: new Dictionary<string, IReadOnlyList<string>> { ["registry"] = [".dockerconfigjson"] },
            secretValues: ["s3cret-value"],
            chartVersion: "1.2.3"));
}
