using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using SdAspire.Generation;
using SdAspire.Keda.Settings;
using SdAspire.Scaler;
using SdAspire.Scaler.Jobs;
using SdAspire.Scaler.Launching;
using SdAspire.ServiceDefaults;

return await CommandLine.RunAsync(args, async args =>
{
    var builder = WebApplication.CreateSlimBuilder(args);
    if (!Uri.TryCreate(builder.Configuration.GetConnectionString("messaging"), UriKind.Absolute, out _))
        return CommandLine.Refuse(Console.Error, "ConnectionStrings__messaging is missing or no AMQP URI.");
    builder.AddServiceDefaults();
    builder.AddGenerationMessaging();
    // Only health and the jobs are served here; without an address given, any free port will do.
    if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        builder.WebHost.UseUrls("http://127.0.0.1:0");

    builder.Services.AddOptionsWithValidateOnStart<ScalerOptions, ScalerOptionsValidator>().BindConfiguration(ScalerOptions.Section);
    // A worker more than there are GPUs for would have none.
    builder.Services.PostConfigure<ScalerOptions>(options =>
    {
        options.Gpu.Detect(Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"), "/proc/driver/nvidia/gpus");
        if (options.Gpu is { Mode: not GpuMode.None, Capacity: > 0 and var capacity })
            options.MaxReplicaCount = Math.Min(options.MaxReplicaCount, capacity);
    });
    builder.Services.AddOpenTelemetry().WithMetrics(metrics =>
        metrics.AddPrometheusExporter(exporter => exporter.ScopeInfoEnabled = false));
    builder.Services.AddSingleton<WakeSignal>();
    builder.Services.AddSingleton<PauseSwitch>();
    builder.Services.AddSingleton<GpuSlots>();
    builder.Services.AddSingleton<LauncherMetrics>();
    builder.Services.AddSingleton<LaunchGate>();
    builder.Services.AddSingleton<JobEnvironment>();
    builder.Services.AddSingleton<JobHistory>();
    builder.Services.AddSingleton<WorkerPool>();
    builder.Services.AddHostedService<ScalerService>();
    builder.Services.AddHealthChecks().AddCheck<LauncherHealthCheck>("launcher");

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapPrometheusScrapingEndpoint().DisableHttpMetrics();
    app.MapJobs();
    try
    {
        // Here it is one line; found at the host's start it would be logged with its stack.
        _ = app.Services.GetRequiredService<IOptions<ScalerOptions>>().Value;
    }
    catch (Exception exception) when (exception is OptionsValidationException or InvalidOperationException)
    {
        return CommandLine.Refuse(Console.Error, exception.Message);
    }
    await app.RunAsync();
    return CommandLine.Success;
});
