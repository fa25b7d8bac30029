#pragma warning disable ASPIREPIPELINES001 // It passes on what the builder has.
using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Runs an AppHost inside a test.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs the entry point of an AppHost up to where it builds the application.</summary>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.AppHost</c>.</typeparam>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), [], cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to where it builds the application.</summary>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.AppHost</c>.</typeparam>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync(typeof(TEntryPoint), args, cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to where it builds the application.</summary>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.AppHost</c>.</typeparam>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="configureBuilder">Changes how the application is made; without it, there is no dashboard.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default) =>
        CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to where it builds the application.</summary>
    /// <param name="entryPoint">A type of the AppHost's assembly, such as <c>Projects.AppHost</c>.</param>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint, string[] args, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, args, (_, _) => { }, cancellationToken);

    /// <summary>Runs the entry point of an AppHost up to where it builds the application.</summary>
    /// <param name="entryPoint">A type of the AppHost's assembly, such as <c>Projects.AppHost</c>.</param>
    /// <param name="args">The AppHost's command line.</param>
    /// <param name="configureBuilder">Changes how the application is made; without it, there is no dashboard.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        ArgumentNullException.ThrowIfNull(configureBuilder);
        var run = new EntryPointRun(entryPoint.Assembly, configureBuilder);
        return new TestingBuilder(run, await run.RunAsync(args, cancellationToken).ConfigureAwait(false));
    }

    private sealed class TestingBuilder(EntryPointRun run, DistributedApplicationBuilder builder) : IDistributedApplicationTestingBuilder
    {
        public ConfigurationManager Configuration => builder.Configuration;

        public string AppHostDirectory => builder.AppHostDirectory;

        public Assembly? AppHostAssembly => builder.AppHostAssembly;

        public IDistributedApplicationEventing Eventing => builder.Eventing;

        public IHostEnvironment Environment => builder.Environment;

        public IServiceCollection Services => builder.Services;

        public DistributedApplicationExecutionContext ExecutionContext => builder.ExecutionContext;

        public IDistributedApplicationPipeline Pipeline => builder.Pipeline;

        public IResourceCollection Resources => builder.Resources;

        public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => builder.AddResource(resource);

        public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => builder.CreateResourceBuilder(resource);

        public DistributedApplication Build() => throw new NotSupportedException("A test builds with BuildAsync.");

        public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) => run.BuildAsync(cancellationToken);

        // Ends in the background: whoever wants to know when disposes asynchronously.
        public void Dispose() => _ = run.EndAsync();

        public async ValueTask DisposeAsync() => await run.EndAsync().ConfigureAwait(false);
    }
}

/// <summary>A builder of an AppHost that runs inside a test.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Lets the AppHost build its application.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
