using System.Reflection;
using Aspire.Hosting.ApplicationModel;
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
    private readonly AppHostInfo _appHost;

    /// <param name="args">The AppHost's command line, which is part of the configuration.</param>
    public DistributedApplicationBuilder(string[] args)
    {
        _appHost = new(_test?.Assembly ?? Assembly.GetEntryAssembly());
        _innerBuilder = new(new HostApplicationBuilderSettings
        {
            Args = args,
            ApplicationName = _appHost.Assembly?.GetName().Name,
            ContentRootPath = AppHostDirectory,
        });
        if (_test is not null) Configuration["DcpPublisher:RandomizePorts"] ??= "true";

        ExecutionContext = new(string.Equals(Configuration["operation"], "publish", StringComparison.OrdinalIgnoreCase)
            ? DistributedApplicationOperation.Publish
            : DistributedApplicationOperation.Run);

        AddServices();
        _test?.Created(this);
    }

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
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <inheritdoc />
    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (Resources.TryGetByName(resource.Name, out var existing))
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType()}' with name '{resource.Name}' because resource of type '{existing.GetType()}' with that name already exists. Resource names are case-insensitive.");
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
        _test?.Built(application);
        return application;
    }

    private void AddServices()
    {
        // The health checks ask often; what a resource says is printed with its name; and a failure is thrown, in one line.
        _innerBuilder.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.None);
        _innerBuilder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        _innerBuilder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        _innerBuilder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);

        Services.AddHealthChecks();
        // .NET would send requests to this machine through http_proxy, too.
        Services.AddHttpClient().ConfigureHttpClientDefaults(client => client
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = false }));
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(_appHost);
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton<ResourceConsole>();
        Services.AddSingleton<ResourceLauncher>();
        Services.AddSingleton<HealthMonitor>();
        Services.AddSingleton<PortAllocator>();
        Services.AddSingleton<ProcessSpawner>();
        Services.AddSingleton<Guardian>();
        Services.AddSingleton<Orchestrator>();
        Services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
    }
}
