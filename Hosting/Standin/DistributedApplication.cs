using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Aspire.Hosting.Running;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>A distributed application, ready to run.</summary>
public class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Orchestrator _orchestrator;
    private readonly PipelineExecutor _executor;
    private readonly EntryPointRun? _test;

    internal DistributedApplication(IHost host, EntryPointRun? test)
    {
        _host = host;
        _test = test;
        _orchestrator = host.Services.GetRequiredService<Orchestrator>();
        _executor = host.Services.GetRequiredService<PipelineExecutor>();
        ResourceNotifications = host.Services.GetRequiredService<ResourceNotificationService>();
        ResourceCommands = host.Services.GetRequiredService<ResourceCommandService>();
    }

    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Tells what happens to the resources.</summary>
    public ResourceNotificationService ResourceNotifications { get; }

    /// <summary>Gives commands to the resources.</summary>
    public ResourceCommandService ResourceCommands { get; }

    /// <summary>Makes a builder of an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Makes a builder of an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DistributedApplicationBuilder(options);
    }

    /// <summary>Makes a builder of an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return new DistributedApplicationBuilder(args);
    }

    /// <summary>Starts the application; its resources start in the background.</summary>
    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_test is { } test && !test.IsCurrent)
        {
            await test.StartAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        if (_test is not null) await _test.WaitForStartAsync(cancellationToken).ConfigureAwait(false);
        await Services.GetRequiredService<IDistributedApplicationEventing>().PublishAsync(
            new BeforeStartEvent(Services, Services.GetRequiredService<DistributedApplicationModel>()), cancellationToken).ConfigureAwait(false);
        await _executor.BeforeStartAsync(cancellationToken).ConfigureAwait(false);
        await _host.StartAsync(cancellationToken).ConfigureAwait(false);
        _test?.Started();
    }

    /// <summary>Stops the resources, each before those that it waited for.</summary>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Runs the application until it is told to stop; throws if a resource made it fail.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await StartAsync(cancellationToken).ConfigureAwait(false);
            await _host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped before it was up.
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
        if (_executor.Failure is { } unpublished) throw unpublished;
        if (_orchestrator.Failure is { } failure) throw new DistributedApplicationException(failure);
    }

    /// <summary>Runs the application until it is told to stop.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Frees what the application holds.</summary>
    public virtual void Dispose()
    {
        // In a test, the application is the test's.
        if (_test is not { IsCurrent: true }) _host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the application if it still runs, and frees what it holds.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        if (_test is { IsCurrent: true }) return;
        if (_test is not null) await _test.EndAsync().ConfigureAwait(false);
        await ((IAsyncDisposable)_host).DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }
}
