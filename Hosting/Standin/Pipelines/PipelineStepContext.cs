using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>What a step works on.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class PipelineStepContext
{
    internal PipelineStepContext(
        DistributedApplicationModel model,
        DistributedApplicationExecutionContext executionContext,
        IServiceProvider services,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        Model = model;
        ExecutionContext = executionContext;
        Services = services;
        Logger = logger;
        CancellationToken = cancellationToken;
    }

    /// <summary>The application.</summary>
    public DistributedApplicationModel Model { get; }

    /// <summary>Whether the application runs or is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Takes what the step has to say.</summary>
    public ILogger Logger { get; }

    /// <summary>Cancels the step.</summary>
    public CancellationToken CancellationToken { get; }
}
