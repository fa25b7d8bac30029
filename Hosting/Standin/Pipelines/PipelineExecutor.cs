#pragma warning disable ASPIREPIPELINES001 // The stand-in's own pipeline.
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Pipelines;

/// <summary>Publishes the application, and then ends it.</summary>
sealed class PipelineExecutor(
    DistributedApplicationPipeline pipeline,
    PipelineOutput output,
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    IServiceProvider services,
    IConfiguration configuration,
    IHostApplicationLifetime lifetime,
    ILogger<PipelineExecutor> logger) : BackgroundService
{
    /// <summary>Why the application was not published.</summary>
    public DistributedApplicationException? Failure { get; private set; }

    /// <summary>What comes before an application starts or is published.</summary>
    public Task BeforeStartAsync(CancellationToken cancellationToken) =>
        DistributedApplicationPipeline.ExecuteAsync(
            pipeline.Plan(model, WellKnownPipelineSteps.BeforeStart), Context(cancellationToken));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await PublishAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Failure = new("Stopped before the application was published.");
        }
        catch (Exception e)
        {
            Failure = e as DistributedApplicationException ?? new(e.Message.ReplaceLineEndings(" "), e);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var steps = pipeline.Plan(model, configuration["Pipeline:Step"] is { Length: > 0 } step ? step : null);
        var done = pipeline.Plan(model, WellKnownPipelineSteps.BeforeStart);
        try
        {
            output.Open();
            var context = Context(cancellationToken);
            await DistributedApplicationPipeline.ExecuteAsync(steps.Except(done), context).ConfigureAwait(false);
            if (output.Commit()) logger.Published(output.Target);
            else logger.NothingPublished();
        }
        finally
        {
            output.Dispose();
        }
    }

    private PipelineStepContext Context(CancellationToken cancellationToken) =>
        new(model, executionContext, services, logger, cancellationToken);
}
