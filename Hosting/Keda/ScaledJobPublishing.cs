using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;
using SdAspire.Hosting.Keda.Resources;
using SdAspire.Keda.Settings;

namespace SdAspire.Hosting.Keda;

/// <summary>
/// What a queue job is in a chart: a ScaledJob in the place of the Deployment, and a TriggerAuthentication with a secret that
/// holds the broker's address as KEDA's operator sees it, from its own namespace. Each number is a value of the chart.
/// </summary>
static class ScaledJobPublishing
{
    private const string Trigger = "rabbitmq";

    public static void Publish(IResourceBuilder<ProjectResource> job, ScaledJobAnnotation declaration)
    {
        job.PublishAsKubernetesService(service => Replace(service, job.Resource.Name, declaration));
        ChartValues.AddStep(job.ApplicationBuilder);
    }

    private static void Replace(KubernetesResource service, string name, ScaledJobAnnotation declaration)
    {
        if (service.Workload is not Deployment deployment)
            throw new DistributedApplicationException(
                $"The queue job '{name}' cannot be published: it is a {service.Workload?.Kind ?? "resource without a workload"}, not a Deployment.");

        var (secret, authentication) = ($"{name}-{Trigger}", $"{name}-{Trigger}-auth");
        service.AdditionalResources.Add(new Secret
        {
            Metadata = { Name = secret },
            StringData = { ["host"] = BrokerAddress.InCluster(declaration.Broker) },
        });
        service.AdditionalResources.Add(new TriggerAuthentication
        {
            Metadata = { Name = authentication },
            Spec = { SecretTargetRef = { new SecretTargetRef { Parameter = "host", Name = secret, Key = "host" } } },
        });
        service.Workload = ScaledJobOf(deployment, name, declaration, authentication);
    }

    private static ScaledJob ScaledJobOf(Deployment deployment, string name, ScaledJobAnnotation declaration, string authentication)
    {
        var strategy = declaration.Settings.ScalingStrategy;
        var job = new ScaledJob
        {
            Metadata = { Name = $"{name}-scaledjob" },
            Spec =
            {
                PollingInterval = Number("pollingInterval"),
                MinReplicaCount = Number("minReplicaCount"),
                MaxReplicaCount = Number("maxReplicaCount"),
                SuccessfulJobsHistoryLimit = Number("successfulJobsHistoryLimit"),
                FailedJobsHistoryLimit = Number("failedJobsHistoryLimit"),
                // Whatever else it is, unset included, KEDA deletes all unfinished jobs at every upgrade.
                Rollout = new Rollout { Strategy = "gradual" },
                ScalingStrategy = new ScalingStrategySpec { Strategy = Text("strategy") },
                JobTargetRef =
                {
                    Parallelism = 1,
                    Completions = 1,
                    // The broker alone retries. A Job controller that does, too, doubles GPUs or waits while messages do.
                    BackoffLimit = 0,
                    PodReplacementPolicy = "Failed",
                    TtlSecondsAfterFinished = Number("ttlSecondsAfterFinished"),
                    Template = deployment.Spec.Template,
                },
            },
        };
        foreach (var (label, value) in deployment.Metadata.Labels) job.Metadata.Labels[label] = value;
        if (strategy.Strategy == ScalingStrategy.Custom)
        {
            job.Spec.ScalingStrategy.CustomScalingQueueLengthDeduction = strategy.CustomScalingQueueLengthDeduction;
            job.Spec.ScalingStrategy.CustomScalingRunningJobPercentage = strategy.CustomScalingRunningJobPercentage?.ToString(
                System.Globalization.CultureInfo.InvariantCulture);
        }
        job.Spec.ScalingStrategy.PendingPodConditions.AddRange(strategy.PendingPodConditions);
        job.Spec.Triggers.Add(new ScaleTrigger
        {
            Type = Trigger,
            Metadata =
            {
                // Over AMQP KEDA counts what no job has taken yet, which is what the strategy accurate is for.
                ["protocol"] = "amqp",
                ["mode"] = "QueueLength",
                ["queueName"] = declaration.QueueName,
                ["value"] = Text("value"),
                ["activationValue"] = Text("activationValue"),
            },
            AuthenticationRef = new AuthenticationRef { Name = authentication },
        });
        job.PodTemplate.Spec.RestartPolicy = "Never";
        return job;

        string Number(string key) => $"{{{{ {ChartValues.Path(name)}.{key} | int }}}}";

        string Text(string key) => $"{{{{ {ChartValues.Path(name)}.{key} }}}}";
    }
}
