#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // Aspire may still change how a chart is added to.
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using SdAspire.Keda.Settings;

namespace SdAspire.Hosting.Keda;

/// <summary>The values of a chart's queue jobs, each with its reason.</summary>
static class ChartValues
{
    /// <summary>Where the values of a job are.</summary>
    public static string Path(string job) => $".Values.keda.{Key(job)}";

    /// <summary>Adds the step that writes the values of all queue jobs behind those that Aspire writes, if it is not there yet.</summary>
    public static void AddStep(IDistributedApplicationBuilder builder)
    {
        // Without a cluster to publish to there is no chart, and no step of its own to follow.
        if (builder.Resources.OfType<KubernetesEnvironmentResource>().FirstOrDefault() is not { } environment) return;
        if (environment.Annotations.OfType<StepAdded>().Any()) return;
        environment.Annotations.Add(new StepAdded());
        builder.Pipeline.AddStep(
            "keda-values", AppendAsync, dependsOn: $"publish-{environment.Name}", requiredBy: WellKnownPipelineSteps.Publish);
    }

    private static async Task AppendAsync(PipelineStepContext context)
    {
        var chart = context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();
        var jobs = context.Model.Resources
            .SelectMany(resource => resource.Annotations.OfType<ScaledJobAnnotation>().Select(job => Of(resource.Name, job.Settings)));
        await File.AppendAllTextAsync(
            System.IO.Path.Combine(chart, "values.yaml"),
            "# KEDA starts a job of each of these for every waiting message.\nkeda:\n" + string.Concat(jobs),
            context.CancellationToken).ConfigureAwait(false);
    }

    private static string Of(string job, ScaledJobSettings settings) => string.Create(CultureInfo.InvariantCulture, $"""
          {Key(job)}:
            # Seconds between two looks at the queue: how long a message waits at most before its job is created.
            pollingInterval: {settings.PollingInterval}
            # Jobs that exist even when nothing waits. 0: scale to zero.
            minReplicaCount: {settings.MinReplicaCount}
            # Most unfinished jobs at a time: not more than there are GPUs, or shares of them.
            maxReplicaCount: {settings.MaxReplicaCount}
            # Finished jobs that are kept to look at, and for how many seconds.
            successfulJobsHistoryLimit: {settings.SuccessfulJobsHistoryLimit}
            failedJobsHistoryLimit: {settings.FailedJobsHistoryLimit}
            ttlSecondsAfterFinished: 3600
            # default, custom, accurate or eager. accurate counts only what no job has taken: no message waits beside a free place.
            strategy: {settings.ScalingStrategy.Strategy.ToString().ToLowerInvariant()}
            # Messages for each job, and above how many waiting messages there is anything to do.
            value: {settings.Trigger.Value}
            activationValue: {settings.Trigger.ActivationValue}

        """).Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string Key(string name) => name.Replace('-', '_');

    private sealed record StepAdded : IResourceAnnotation;
}
