using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using SdAspire.Diffusion;
using SdAspire.Generation;
using SdAspire.ServiceDefaults;
using SdAspire.Worker.Engine;

namespace SdAspire.Worker.Jobs;

/// <summary>The worker without arguments: takes messages from the queue until its settings or a signal end it.</summary>
static partial class JobCommand
{
    // A collector that does not answer must not keep a worker, and with it a place for the next one.
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(3);

    /// <param name="stop">Ends it.</param>
    /// <param name="entered">When the program began, which tells what its start cost.</param>
    public static async Task<int> RunAsync(StopSignal stop, DateTimeOffset entered)
    {
        // The broker puts back what this worker does not acknowledge.
        stop.LastResort = ExitCode.Done;
        var code = await RunToEndAsync(stop, entered);
        // Everything is flushed and closed. An orderly exit would only spend a quarter of a second on libtorch's destructors, or
        // crash in them while the engine's thread has not reached the end of its step.
        NativeProcess.ExitNow(code);
        return code;
    }

    private static async Task<int> RunToEndAsync(StopSignal stop, DateTimeOffset entered)
    {
        var builder = CreateBuilder();
        var painter = new Painter();
        WorkerOptions options;
        ModelProfile model;
        try
        {
            options = Options(builder.Configuration);
            stop.Drain = TimeSpan.FromSeconds(options.DrainSeconds);
            if (ModelFiles.Verify(options.Model, options.Load).PaintsIntoPictures)
                throw new ModelException($"{options.Model}: the model paints into pictures, and a message has none.");
            model = ModelProfile.Of(options.Model);
            model = model with { Name = options.ModelName ?? model.Name };
        }
        catch (Exception exception) when (exception is ConfigurationException or ModelException or InvalidModelProfileException)
        {
            return Refuse(exception);
        }

        builder.Services.Configure<TopologyOptions>(topology => topology.Queues.Add(options.Queue));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(model);
        builder.Services.AddSingleton(painter);
        builder.Services.AddSingleton(provider => new StorageRetry(
            TimeSpan.FromSeconds(options.StorageSeconds), provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<Watchdog>();
        builder.Services.AddSingleton<TaskReader>();
        builder.Services.AddSingleton<TaskRecords>();
        builder.Services.AddSingleton<TaskPainter>();
        builder.Services.AddSingleton<TaskJob>();
        builder.Services.AddSingleton<ReadinessFile>();
        builder.Services.AddSingleton<TaskLoop>();
        var host = builder.Build();
        // The host itself is not started, there is nothing to serve; telemetry listens from when it is built.
        _ = (host.Services.GetService<TracerProvider>(), host.Services.GetService<MeterProvider>(),
            host.Services.GetService<LoggerProvider>());
        LogEntered(host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(JobCommand)), entered);

        try
        {
            return stop.LastResort = await host.Services.GetRequiredService<TaskLoop>()
                .RunAsync(stop.Stopping, stop.GivingUp);
        }
        catch (UnusableEngineException exception)
        {
            return stop.LastResort = Refuse(exception);
        }
        finally
        {
            await EndAsync(host);
        }
    }

    private static int Refuse(Exception exception)
    {
        Console.Error.WriteLine(exception.Message.ReplaceLineEndings(" "));
        return ExitCode.Configuration;
    }

    private static HostApplicationBuilder CreateBuilder()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "worker" });
        builder.Configuration.AddEnvironmentVariables();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        // Without a collector telemetry is only a slower start.
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            builder.AddServiceDefaults();
        builder.AddGeneration();
        return builder;
    }

    private static WorkerOptions Options(IConfiguration configuration)
    {
        WorkerOptions options;
        try
        {
            options = configuration.GetSection(WorkerOptions.Section).Get<WorkerOptions>() ?? new();
        }
        catch (InvalidOperationException exception)
        {
            throw new ConfigurationException(exception.Message);
        }
        if (options.Problem() is { } problem)
            throw new ConfigurationException(problem);
        if (!Uri.TryCreate(configuration.GetConnectionString("messaging"), UriKind.Absolute, out _))
            throw new ConfigurationException("ConnectionStrings__messaging is missing or no AMQP URI.");
        if (string.IsNullOrWhiteSpace(configuration.GetConnectionString("storage")))
            throw new ConfigurationException("ConnectionStrings__storage is missing.");
        return options;
    }

    private static async Task EndAsync(IHost host)
    {
        try
        {
            // Closes the connection to the broker and flushes telemetry.
            await Task.Run(async () => await ((IAsyncDisposable)host).DisposeAsync()).WaitAsync(FlushTimeout);
        }
        catch (TimeoutException)
        {
        }
    }

    [LoggerMessage(LogLevel.Debug, "Main() was entered at {At:O}")]
    private static partial void LogEntered(ILogger logger, DateTimeOffset at);

    private sealed class ConfigurationException(string message) : Exception(message);
}
