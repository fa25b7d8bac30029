using SdAspire.AppHost;
using SdAspire.AppHost.Local;

if (!RunOptions.TryParse(args, out var options, out var exitCode)) return exitCode;

var builder = DistributedApplication.CreateBuilder(args).WithOptions(options);

var messaging = builder.AddMessaging("messaging");
var storage = builder.AddStorage("storage");
var capacity = WorkerCapacity.Of(options.Model);

var webui = builder.AddProject<Projects.WebUi>("webui")
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(storage).WaitFor(storage)
    .WithEnvironment("Worker__Model", options.Model)
    .WithHttpEndpoint(port: options.Port)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health");

// What a job runs; the scaler starts one for each waiting message.
var worker = builder.AddProject<Projects.Worker>("worker")
    .WithReference(messaging)
    .WithReference(storage)
    .WithEnvironment("Worker__Model", options.Model)
    .WithThreads(capacity.Threads)
    .WithExplicitStart();

builder.AddProject<Projects.Scaler>("scaler")
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(storage).WaitFor(storage)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithJob<Projects.Worker>(worker, capacity.MaxReplicas);

return await builder.Build().RunAsync(webui.GetEndpoint("http"), options);
