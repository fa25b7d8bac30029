#pragma warning disable ASPIREPROBES001 // Aspire may still change how probes are described.
using SdAspire.AppHost;
using SdAspire.AppHost.Kubernetes;
using SdAspire.AppHost.Local;
using SdAspire.Keda.Settings;

if (!RunOptions.TryParse(args, out var options, out var exitCode)) return exitCode;

try
{
    var builder = DistributedApplication.CreateBuilder(options.ToBuilderOptions(args)).WithOptions(options);
    var capacity = WorkerCapacity.Of(options.Model, builder.Configuration.WorkersPerGpu());
    builder.AddCluster(options.Model);

    var messaging = builder.AddRabbitMQ("messaging")
        .WithManagementPlugin()
        .WithDataVolume("sdaspire-messaging")
        .InCluster()
        .OrLocalBroker();

    var storageUser = builder.AddParameter("storage-user", "sdaspire", publishValueAsDefault: true);
    var storage = builder.AddMinioContainer("storage", rootUser: storageUser)
        .WithImage(MinioImage.Repository, MinioImage.Tag)
        .WithImageRegistry(MinioImage.Registry)
        .WithDataVolume("sdaspire-storage")
        .InCluster()
        .OrObjectStore();

    var webui = builder.AddProject<Projects.WebUi>("webui")
        .WithReference(messaging).WaitFor(messaging)
        .WithReference(storage).WaitFor(storage)
        .WithModel(options.Model)
        .WithHttpEndpoint(port: options.Port)
        .WithExternalHttpEndpoints()
        .WithHttpProbe(ProbeType.Readiness, "/health", endpointName: "http")
        .WithHttpProbe(ProbeType.Liveness, "/alive", endpointName: "http")
        .WebUiInCluster();

    // One for each waiting message: KEDA starts them in a cluster, the scaler on one machine.
    var worker = builder.AddProject<Projects.Worker>("worker")
        .WithReference(messaging)
        .WithReference(storage)
        .WithModel(options.Model)
        .WithThreads(capacity.Threads)
        .AsScaledJob(messaging, "tasks", job =>
        {
            job.PollingInterval = 2;
            job.MaxReplicaCount = builder.ExecutionContext.IsRunMode ? capacity.MaxReplicas : 10;
            job.ScalingStrategy.Strategy = ScalingStrategy.Accurate;
            job.ScalingStrategy.PendingPodConditions.Add("Ready");
            job.Trigger.Value = 1;
            builder.Configuration.BindScaler(job);
        })
        .WorkerInCluster(options.Model, builder.Configuration);

    if (builder.ExecutionContext.IsRunMode)
        builder.AddProject<Projects.Scaler>("scaler")
            .WithReference(messaging).WaitFor(messaging)
            .WithReference(storage).WaitFor(storage)
            .WithHttpEndpoint()
            .WithHttpHealthCheck("/health")
            .WithScaledJob(worker)
            .WithGpus(builder.Configuration, WorkerCapacity.Gpus());

    return await builder.Build().RunAsync(webui.GetEndpoint("http"), options);
}
catch (DistributedApplicationException e)
{
    return RunExtensions.Fail(e.Message);
}
