using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.Scaler;
using SdAspire.Scaler.Launching;
using SdAspire.ServiceDefaults;

return await CommandLine.RunAsync(args, async args =>
{
    var builder = WebApplication.CreateSlimBuilder(args);
    builder.AddServiceDefaults();
    builder.AddGenerationMessaging();
    // Only health is served here; without an address given, any free port will do.
    if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        builder.WebHost.UseUrls("http://127.0.0.1:0");

    builder.Services.AddOptionsWithValidateOnStart<ScalerOptions, ScalerOptionsValidator>().BindConfiguration(ScalerOptions.Section);
    builder.Services.AddSingleton<WakeSignal>();
    builder.Services.AddSingleton<LaunchGate>();
    builder.Services.AddSingleton<JobEnvironment>();
    builder.Services.AddSingleton<WorkerPool>();
    builder.Services.AddHostedService<ScalerService>();
    builder.Services.AddHealthChecks().AddCheck<LauncherHealthCheck>("launcher");

    var app = builder.Build();
    app.MapDefaultEndpoints();
    try
    {
        await app.RunAsync();
        return CommandLine.Success;
    }
    catch (OptionsValidationException exception)
    {
        return CommandLine.Refuse(Console.Error, string.Join(" ", exception.Failures));
    }
});
