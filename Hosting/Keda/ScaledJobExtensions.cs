using Aspire.Hosting.ApplicationModel;
using SdAspire.Hosting.Keda;
using SdAspire.Keda.Settings;

namespace Aspire.Hosting;

/// <summary>Queue jobs: one declaration for KEDA in a cluster and for a launcher on one machine.</summary>
public static class ScaledJobExtensions
{
    /// <summary>Makes the project a queue job: it does not start with the application but once for each message of a queue.</summary>
    /// <param name="builder">The project. It takes one message, works on it, acknowledges it and exits.</param>
    /// <param name="broker">The RabbitMQ server.</param>
    /// <param name="queueName">The queue whose messages are counted.</param>
    /// <param name="configure">Sets KEDA's settings; what is not set has KEDA's default.</param>
    /// <exception cref="DistributedApplicationException">A setting is outside its range.</exception>
    public static IResourceBuilder<ProjectResource> AsScaledJob(
        this IResourceBuilder<ProjectResource> builder,
        IResourceBuilder<IResourceWithConnectionString> broker,
        string queueName,
        Action<ScaledJobSettings>? configure = null)
    {
        var settings = new ScaledJobSettings();
        configure?.Invoke(settings);
        var problems = string.Join(" ", settings.Problems());
        if (problems.Length > 0)
            throw new DistributedApplicationException($"The queue job '{builder.Resource.Name}' cannot be: {problems}");
        var declaration = new ScaledJobAnnotation(broker.Resource, queueName, settings);
        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode) ScaledJobPublishing.Publish(builder, declaration);
        return builder
            .WithAnnotation(declaration, ResourceAnnotationMutationBehavior.Replace)
            .WithExplicitStart();
    }

    /// <summary>
    /// Makes the project the launcher of a queue job on this machine: it gets the job's settings, program and environment as
    /// <c>Scaler__…</c>, and the jobs that it starts appear as its children. A cluster has KEDA instead.
    /// </summary>
    /// <param name="builder">The launcher, with an endpoint <c>http</c> that serves <c>/jobs/events</c>.</param>
    /// <param name="job">A project that <see cref="AsScaledJob"/> was said of.</param>
    /// <exception cref="ArgumentException">It is not a queue job.</exception>
    public static IResourceBuilder<ProjectResource> WithScaledJob(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<ProjectResource> job)
    {
        var annotation = job.Resource.Annotations.OfType<ScaledJobAnnotation>().LastOrDefault()
            ?? throw new ArgumentException($"'{job.Resource.Name}' is not a queue job: say AsScaledJob first.", nameof(job));
        builder.ApplicationBuilder.ShowJobsOf(builder.Resource);
        return builder.WithEnvironment(async context =>
        {
            foreach (var (name, value) in LauncherSettings.Of(annotation.Settings)) context.EnvironmentVariables[name] = value;
            context.EnvironmentVariables["Scaler__Job__Command"] = ProjectOutput.Of(job.Resource);
            var ofJob = new EnvironmentCallbackContext(
                context.ExecutionContext, job.Resource, cancellationToken: context.CancellationToken);
            foreach (var variables in job.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
                await variables.Callback(ofJob).ConfigureAwait(false);
            // The values stay unresolved: whoever runs the launcher resolves them with its own.
            foreach (var (name, value) in ofJob.EnvironmentVariables)
                context.EnvironmentVariables[$"Scaler__Job__Environment__{name}"] = value;
        });
    }
}
