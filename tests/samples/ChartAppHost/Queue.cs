using SdAspire.Keda.Settings;

namespace ChartAppHost;

/// <summary>A queue job as Hosting/Keda publishes it.</summary>
static class Queue
{
    public static void Compose(IDistributedApplicationBuilder builder)
    {
        builder.AddKubernetesEnvironment("k8s")
            .WithHelm(helm => helm.WithChartName("queue").WithChartVersion("1.0.0").WithChartDescription("Queue jobs sample"))
            .WithDashboard(false);

        var user = builder.AddParameter("broker-user", "farmer", publishValueAsDefault: true);
        var broker = builder.AddRabbitMQ("my-broker", userName: user);

        builder.AddProject<Projects.Worker>("worker")
            .WithReference(broker)
            .AsScaledJob(broker, "tasks", job =>
            {
                job.PollingInterval = 2;
                job.MaxReplicaCount = 4;
                job.ScalingStrategy.Strategy = ScalingStrategy.Accurate;
                job.ScalingStrategy.PendingPodConditions.Add("Ready");
                job.Trigger.Value = 1;
            });
        builder.AddProject<Projects.WebUi>("second-worker")
            .WithReference(broker)
            .AsScaledJob(broker, "other", job => job.Trigger.Value = 2.5);
    }
}
