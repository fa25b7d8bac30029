using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SdAspire.AppHost.Local;

namespace SdAspire.AppHost;

/// <summary>Runs the application as the command line says.</summary>
static class RunExtensions
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(1);

    /// <summary>Keeps all state in the data folder, and standard output free for results.</summary>
    public static IDistributedApplicationBuilder WithOptions(this IDistributedApplicationBuilder builder, RunOptions options)
    {
        builder.Configuration["Aspire:Store:Path"] = options.Data;
        if (options.Prompt is null)
            builder.Configuration.SetDashboardEndpoints(options.DashboardPort, usual: RunOptions.DefaultDashboardPort);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }

    /// <summary>
    /// Runs until it is stopped, or until the prompt is painted. Results go to standard output, all else to standard error;
    /// whatever goes wrong is told in one line.
    /// </summary>
    public static async Task<int> RunAsync(this DistributedApplication app, EndpointReference webui, RunOptions options)
    {
        await using var _ = app;
        try
        {
            if (app.Services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode)
            {
                await app.RunAsync();
                return ExitCode.Success;
            }
            await ModelCheck.RunAsync(options.Model, app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            using var data = DataFolder.Lock(options.Data);
            var running = app.RunAsync();
            var result = ServeAsync(app, webui, options);
            await running;
            return await result;
        }
        catch (InvalidModelException e)
        {
            return Fail(e.Message, ExitCode.Usage);
        }
        catch (Exception e) when (e is DistributedApplicationException or PaintingFailedException or HttpRequestException)
        {
            return Fail(e.Message);
        }
        catch (OperationCanceledException)
        {
            return options.Prompt is null ? ExitCode.Success : Fail("Stopped before the picture was painted.");
        }
    }

    private static async Task<int> ServeAsync(DistributedApplication app, EndpointReference webui, RunOptions options)
    {
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        var stays = false;
        try
        {
            await app.ResourceNotifications.WaitForResourceAsync(
                webui.Resource.Name, KnownResourceStates.Running, lifetime.ApplicationStopping);
            // Without the proxy that .NET would take for this machine, too.
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(webui.Url) };
            var problem = await WaitUntilHealthyAsync(app, webui, client, lifetime.ApplicationStopping);
            if (options.Prompt is not null)
            {
                if (problem is not null) throw new PaintingFailedException($"WebUi is not healthy: {problem}");
                var painting = new PromptCommand(client, TimeProvider.System, Console.Error);
                foreach (var file in await painting.PaintAsync(options, lifetime.ApplicationStopping)) Console.Out.WriteLine(file);
                return ExitCode.Success;
            }
            if (problem is not null) Console.Error.WriteLine($"WebUi is not healthy yet: {problem}");
            Console.Out.WriteLine($"WebUi {webui.Url}");
            if (app.Services.GetRequiredService<IConfiguration>().DashboardLoginUrl() is { } login)
                Console.Out.WriteLine($"Dashboard {login}");
            stays = true;
            return ExitCode.Success;
        }
        finally
        {
            if (!stays) lifetime.StopApplication();
        }
    }

    /// <summary>What its health page says when it is not healthy in a time that every part should start in; null if it is.</summary>
    private static async Task<string?> WaitUntilHealthyAsync(
        DistributedApplication app, EndpointReference webui, HttpClient client, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(StartPatience);
        try
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(webui.Resource.Name, patience.Token);
            return null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            using var health = await client.GetAsync("/health", stopping);
            return (await health.Content.ReadAsStringAsync(stopping)).ReplaceLineEndings(" ");
        }
    }

    /// <summary>Tells in one line what is wrong.</summary>
    public static int Fail(string message, int exitCode = ExitCode.Failure)
    {
        Console.Error.WriteLine(message.ReplaceLineEndings(" "));
        return exitCode;
    }
}
