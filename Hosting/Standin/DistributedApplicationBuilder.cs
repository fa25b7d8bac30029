#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // The stand-in's own pipeline.
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Running;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Describes a distributed application.</summary>
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _innerBuilder;
    private readonly EntryPointRun? _test = EntryPointRun.Current;
    private readonly DistributedApplicationOptions _options;
    private readonly AppHostInfo _appHost;

    /// <param name="args">The AppHost's command line, which is part of the configuration.</param>
    public DistributedApplicationBuilder(string[] args) : this(new DistributedApplicationOptions { Args = args })
    {
    }

    /// <param name="options">How the application is made.</param>
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        // Below all else: ASPIRE_ENVIRONMENT is the environment unless DOTNET_ENVIRONMENT or the command line names one.
        var settings = new HostApplicationBuilderSettings { Args = options.Args, Configuration = new() };
        settings.Configuration.AddEnvironmentVariables(prefix: "ASPIRE_");
        _test?.Configure(options, settings);
        CommandLineSwitches.Check(options.Args ?? []);
        _appHost = new(_test?.Assembly ?? FindAssembly(options), options.ProjectDirectory);
        settings.ApplicationName ??= _appHost.Assembly?.GetName().Name;
        settings.ContentRootPath ??= AppHostDirectory;
        _innerBuilder = new(settings);
        Configuration.AddCommandLine(options.Args ?? [], CommandLineSwitches.Settings);
        Configuration["AppHost:DashboardApplicationName"] = options.DashboardApplicationName ?? Environment.ApplicationName;

        ExecutionContext = new(Operation());
        AddServices();
        if (ExecutionContext.IsRunMode && !options.DisableDashboard) DashboardSetup.Add(this, _appHost, options);
        // Starts last and stops first: whatever tells of the resources is there as long as they are.
        if (ExecutionContext.IsRunMode) Services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        else AddPublishing();
        _test?.Created(this);
    }

    /// <inheritdoc />
    public Assembly? AppHostAssembly => _appHost.Assembly;

    /// <inheritdoc />
    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    /// <inheritdoc />
    public ConfigurationManager Configuration => _innerBuilder.Configuration;

    /// <inheritdoc />
    public string AppHostDirectory => _appHost.Directory;

    /// <inheritdoc />
    public IHostEnvironment Environment => _innerBuilder.Environment;

    /// <inheritdoc />
    public IServiceCollection Services => _innerBuilder.Services;

    /// <inheritdoc />
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <inheritdoc />
    [Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
    public IDistributedApplicationPipeline Pipeline { get; } = new DistributedApplicationPipeline();

    /// <inheritdoc />
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <inheritdoc />
    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (Resources.TryGetByName(resource.Name, out var existing))
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType()}' with name '{resource.Name}' because resource of type "
                + $"'{existing.GetType()}' with that name already exists. Resource names are case-insensitive: "
                + "choose another one.");
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    /// <inheritdoc />
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new DistributedApplicationResourceBuilder<T>(this, resource);
    }

    /// <inheritdoc />
    public DistributedApplication Build()
    {
        _test?.WaitForBuild();
        var application = new DistributedApplication(_innerBuilder.Build(), _test);
        ExecutionContext.Services = application.Services;
        _test?.Built(application);
        return application;
    }

    private static Assembly? FindAssembly(DistributedApplicationOptions options) =>
        options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();

    private DistributedApplicationOperation Operation()
    {
        return (Configuration["AppHost:Operation"]?.ToLowerInvariant(), Configuration["Publishing:Publisher"]) switch
        {
            (null, null) or ("run", _) => DistributedApplicationOperation.Run,
            // A publisher says enough.
            ("publish", _) or (null, _) => DistributedApplicationOperation.Publish,
            _ => throw new DistributedApplicationException(
                "Invalid operation specified. Valid operations are 'publish' or 'run'."),
        };
    }

    private void AddPublishing()
    {
        // Whoever runs the AppHost in a test looks at what it throws.
        if (_test is null) AppDomain.CurrentDomain.UnhandledException += PipelineConsole.TellUnhandled;
        PipelineConsole.Configure(_innerBuilder.Logging, Configuration);
        Services.AddHostedService(provider => provider.GetRequiredService<PipelineExecutor>());
    }

    private void AddServices()
    {
        // The health checks ask often; what a resource says is printed with its name; and a failure is thrown, in one line.
        _innerBuilder.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.None);
        _innerBuilder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        _innerBuilder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        _innerBuilder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // Whoever wants to hear it all the same says so.
        _innerBuilder.Logging.AddConfiguration(Configuration.GetSection("Logging"));
        Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);

        Services.AddHealthChecks();
        // .NET would send requests to this machine through http_proxy, too.
        Services.AddHttpClient().ConfigureHttpClientDefaults(client => client
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = false }));
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(_appHost);
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton(_options);
        Services.AddSingleton(Eventing);
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton(provider => new ResourceCommandService(
            provider.GetRequiredService<ResourceNotificationService>(),
            provider.GetRequiredService<ResourceLoggerService>(),
            provider));
        Services.AddSingleton<ResourceReporter>();
        Services.AddSingleton<ResourceConsole>();
        Services.AddSingleton<ResourceLauncher>();
        Services.AddSingleton<HealthMonitor>();
        Services.AddSingleton<PortAllocator>();
        Services.AddSingleton<ProcessSpawner>();
        Services.AddSingleton<Guardian>();
        Services.AddSingleton<Orchestrator>();
        Services.AddSingleton((DistributedApplicationPipeline)Pipeline);
        Services.AddSingleton(Pipeline);
        Services.AddSingleton<PipelineOutput>();
        Services.AddSingleton<IPipelineOutputService>(provider => provider.GetRequiredService<PipelineOutput>());
        Services.AddSingleton<PipelineExecutor>();
    }
}
