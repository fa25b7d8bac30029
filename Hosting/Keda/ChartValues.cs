#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004 // Aspire may still change how a chart is added to.
using System.Globalization;
using Aspire.Hosting;
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

    /// <summary>Adds a step that writes a job's values behind those that Aspire writes.</summary>
    /// <exception cref="DistributedApplicationException">There is no Kubernetes environment yet.</exception>
    public static void Add(IDistributedApplicationBuilder builder, string job, ScaledJobSettings settings)
    {
        // Without one there is no chart, and no step of its own to follow.
        if (builder.Resources.OfType<KubernetesEnvironmentResource>().FirstOrDefault() is not { } environment) return;
        builder.Pipeline.AddStep(
            $"keda-values-{job}",
            context => AppendAsync(
                System.IO.Path.Combine(context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory(), "values.yaml"),
                job,
                settings,
                context.CancellationToken),
            dependsOn: $"publish-{environment.Name}",
            requiredBy: WellKnownPipelineSteps.Publish);
    }

    private static async Task AppendAsync(string file, string job, ScaledJobSettings settings, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
        var isFirst = !text.Split('\n').Contains("keda:");
        await File.AppendAllTextAsync(
            file,
            (text.EndsWith('\n') ? "" : "\n") + (isFirst ? "# KEDA starts a job of each of these for every waiting message.\nkeda:\n" : "")
                + Of(job, settings),
            cancellationToken).ConfigureAwait(false);
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
}
