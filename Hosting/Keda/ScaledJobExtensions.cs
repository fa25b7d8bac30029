using Aspire.Hosting.ApplicationModel;
using SdAspire.Hosting.Keda;
using SdAspire.Hosting.Keda.Publishing;
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
        return builder.WithJob(broker, queueName, settings, new() { ValuesSection = SectionOf(builder) }).WithExplicitStart();
    }

    /// <summary>
    /// Makes the project a long-lived consumer of a queue: one of it runs with the application, and in a cluster a ScaledObject
    /// starts and stops pods of its Deployment with the length of the queue, what is being worked on included.
    /// </summary>
    /// <param name="builder">The project. It takes one message after another, and when it is told to stop it puts back what it has.</param>
    /// <param name="broker">The RabbitMQ server, with the management plugin: that is where KEDA reads both counts.</param>
    /// <param name="queueName">The queue whose messages are counted.</param>
    /// <param name="configure">Sets KEDA's settings; what is not set has KEDA's default.</param>
    /// <exception cref="DistributedApplicationException">A setting is outside its range.</exception>
    public static IResourceBuilder<ProjectResource> AsScaledObject(
        this IResourceBuilder<ProjectResource> builder,
        IResourceBuilder<IResourceWithConnectionString> broker,
        string queueName,
        Action<ScaledObjectSettings>? configure = null)
    {
        var settings = new ScaledObjectSettings();
        configure?.Invoke(settings);
        var job = new ScaledJobSettings
        {
            PollingInterval = settings.PollingInterval,
            MinReplicaCount = settings.MinReplicaCount,
            MaxReplicaCount = settings.MaxReplicaCount,
            Trigger = settings.Trigger,
        };
        return builder.WithJob(
            broker, queueName, job,
            new() { ValuesSection = SectionOf(builder), Continuous = true, CooldownPeriod = settings.CooldownPeriod });
    }

    /// <summary>Says how a queue job is in a chart.</summary>
    /// <param name="builder">A project that <see cref="AsScaledJob"/> or <see cref="AsScaledObject"/> was said of.</param>
    /// <param name="configure">Sets what is not to have its default.</param>
    /// <exception cref="ArgumentException">It is not a queue job.</exception>
    /// <exception cref="DistributedApplicationException">A setting is outside its range.</exception>
    public static IResourceBuilder<ProjectResource> WithJobChart(
        this IResourceBuilder<ProjectResource> builder, Action<JobChartOptions> configure)
    {
        var chart = JobOf(builder).Chart;
        configure(chart);
        Validate(builder.Resource, chart.Problems());
        return builder;
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
        var annotation = JobOf(job);
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

    private static IResourceBuilder<ProjectResource> WithJob(
        this IResourceBuilder<ProjectResource> builder,
        IResourceBuilder<IResourceWithConnectionString> broker,
        string queueName,
        ScaledJobSettings settings,
        JobChartOptions chart)
    {
        Validate(builder.Resource, settings.Problems().Concat(chart.Problems()).Concat(
            settings.MaxReplicaCount < settings.MinReplicaCount
                ? [$"maxReplicaCount is {settings.MaxReplicaCount}, less than minReplicaCount, which is {settings.MinReplicaCount}."]
                : []));
        ChartStep.AddTo(builder.ApplicationBuilder);
        return builder.WithAnnotation(
            new ScaledJobAnnotation(broker.Resource, queueName, settings, chart), ResourceAnnotationMutationBehavior.Replace);
    }

    private static ScaledJobAnnotation JobOf(IResourceBuilder<ProjectResource> job) =>
        job.Resource.Annotations.OfType<ScaledJobAnnotation>().LastOrDefault()
        ?? throw new ArgumentException($"'{job.Resource.Name}' is not a queue job: say AsScaledJob first.", nameof(job));

    private static string SectionOf(IResourceBuilder<ProjectResource> job) => $"{job.Resource.Name.Replace('-', '_')}_jobs";

    private static void Validate(IResource job, IEnumerable<string> problems)
    {
        var all = string.Join(" ", problems);
        if (all.Length > 0) throw new DistributedApplicationException($"The queue job '{job.Name}' cannot be: {all}");
    }
}
