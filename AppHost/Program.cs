#pragma warning disable ASPIREPROBES001 // Aspire may still change how probes are described.
using SdAspire.AppHost;
using SdAspire.AppHost.Local;
using SdAspire.Keda.Settings;

if (!RunOptions.TryParse(args, out var options, out var exitCode)) return exitCode;

try
{
    var builder = DistributedApplication.CreateBuilder(options.ToBuilderOptions(args)).WithOptions(options);
    var capacity = WorkerCapacity.Of(options.Model);

    var messaging = builder.AddRabbitMQ("messaging")
        .WithManagementPlugin()
        .WithDataVolume("sdaspire-messaging")
        .OrLocalBroker();

    var storageUser = builder.AddParameter("storage-user", "sdaspire", publishValueAsDefault: true);
    var storage = builder.AddMinioContainer("storage", rootUser: storageUser)
        .WithImage("minio/minio", "RELEASE.2025-09-07T16-13-09Z")
        .WithImageRegistry("quay.io") // MinIO's images are gone from Docker Hub.
        .WithDataVolume("sdaspire-storage")
        .OrObjectStore();

    var webui = builder.AddProject<Projects.WebUi>("webui")
        .WithReference(messaging).WaitFor(messaging)
        .WithReference(storage).WaitFor(storage)
        .WithEnvironment("Worker__Model", options.Model)
        .WithHttpEndpoint(port: options.Port)
        .WithExternalHttpEndpoints()
        .WithHttpProbe(ProbeType.Readiness, "/health", endpointName: "http")
        .WithHttpProbe(ProbeType.Liveness, "/alive", endpointName: "http");

    // One for each waiting message: KEDA starts them in a cluster, the scaler on one machine.
    var worker = builder.AddProject<Projects.Worker>("worker")
        .WithReference(messaging)
        .WithReference(storage)
        .WithEnvironment("Worker__Model", options.Model)
        .WithThreads(capacity.Threads)
        .AsScaledJob(messaging, "tasks", job =>
        {
            job.PollingInterval = 2;
            job.MaxReplicaCount = capacity.MaxReplicas;
            job.ScalingStrategy.Strategy = ScalingStrategy.Accurate;
            job.Trigger.Value = 1;
            builder.Configuration.BindScaler(job);
        });

    if (builder.ExecutionContext.IsRunMode)
        builder.AddProject<Projects.Scaler>("scaler")
            .WithReference(messaging).WaitFor(messaging)
            .WithReference(storage).WaitFor(storage)
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health")
            .WithScaledJob(worker);

    return await builder.Build().RunAsync(webui.GetEndpoint("http"), options);
}
catch (DistributedApplicationException e)
{
    return RunExtensions.Fail(e.Message);
}
