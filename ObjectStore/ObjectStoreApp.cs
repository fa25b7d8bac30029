using System.Text;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using SdAspire.ObjectStore.S3;
using SdAspire.ObjectStore.Storage;

namespace SdAspire.ObjectStore;

/// <summary>Puts the server together.</summary>
public static class ObjectStoreApp
{
    const string DefaultUrl = "http://127.0.0.1:9000";

    /// <summary>A builder with everything registered; what a caller adds or replaces wins.</summary>
    public static WebApplicationBuilder CreateBuilder(params string[] args)
    {
        // Settings beside the program, not in whatever folder it is started from.
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Objects have a limit of their own, and S3's answer to it.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        });
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultUrl);

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Services.AddSingleton<IValidateOptions<ObjectStoreOptions>, ObjectStoreOptionsValidator>();
        builder.Services.AddOptions<ObjectStoreOptions>().BindConfiguration(ObjectStoreOptions.Section)
            .Configure<IConfiguration>(static (options, configuration) => options.AddMinioAccount(configuration));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => FolderStore.Open(
            services.GetRequiredService<IOptions<ObjectStoreOptions>>().Value.DataPath,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<FolderStore>>()));
        builder.Services.AddHostedService<Sweep>();
        builder.Services.AddSingleton<SigV4Authenticator>();
        builder.Services.AddSingleton<BucketOperations>();
        builder.Services.AddSingleton<ObjectOperations>();
        builder.Services.AddSingleton<MultipartOperations>();
        builder.Services.AddSingleton<CopyOperations>();
        builder.Services.AddSingleton<S3Endpoint>();
        AddTelemetry(builder);
        return builder;
    }

    /// <summary>Builds the server, locks the data folder and recovers it. It listens once it is started.</summary>
    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder)
    {
        var app = builder.Build();
        try
        {
            CheckConfiguration(app.Services);
            var endpoint = app.Services.GetRequiredService<S3Endpoint>();
            app.Use(Health);
            app.Run(endpoint.HandleAsync);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    // A value of the wrong type is the same kind of mistake as a missing one.
    static void CheckConfiguration(IServiceProvider services)
    {
        try
        {
            _ = services.GetRequiredService<IOptions<ObjectStoreOptions>>().Value;
        }
        catch (InvalidOperationException e)
        {
            throw new OptionsValidationException(ObjectStoreOptions.Section, typeof(ObjectStoreOptions), [e.Message]);
        }
    }

    // The store is recovered before the server listens: whoever gets an answer may use it. MinIO's paths are here too,
    // so that one health check fits both.
    static Task Health(HttpContext context, RequestDelegate next) =>
        IsHealth(context) && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            ? context.Response.WriteAsync("Healthy", context.RequestAborted)
            : next(context);

    static bool IsHealth(HttpContext context) =>
        context.Request.Path.Value is "/health" or "/alive" or "/minio/health/live" or "/minio/health/ready";

    static void AddTelemetry(WebApplicationBuilder builder)
    {
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing =>
            {
                tracing.AddAspNetCoreInstrumentation(options => options.Filter = context => !IsHealth(context));
                // AppHosts ask for always_on, which would record here what the client chose not to.
                if (builder.Configuration["OTEL_TRACES_SAMPLER"] is "always_on")
                    tracing.SetSampler(new ParentBasedSampler(new AlwaysOnSampler()));
            })
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation())
            .WithLogging()
            .UseOtlpExporter();
    }
}
