using System.Reflection;

namespace SdAspire.AppHost;

/// <summary>Queue jobs: one resource starts another one's program for each waiting message.</summary>
static class JobExtensions
{
    /// <summary>Gives the scaler the program of a job, its whole environment, and how many of it may run at once.</summary>
    public static IResourceBuilder<ProjectResource> WithJob<TProject>(
        this IResourceBuilder<ProjectResource> scaler, IResourceBuilder<ProjectResource> job, int maxReplicaCount)
        where TProject : IProjectMetadata, new() =>
        scaler
            .WithEnvironment("Scaler__maxReplicaCount", maxReplicaCount.ToString(System.Globalization.CultureInfo.InvariantCulture))
            // The safety net under the wake-ups; looking costs this machine nothing.
            .WithEnvironment("Scaler__pollingInterval", "2")
            .WithEnvironment("Scaler__Job__Command", ProjectOutput.Of<TProject>())
            .WithEnvironment(async context =>
            {
                var ofJob = new EnvironmentCallbackContext(
                    context.ExecutionContext, job.Resource, cancellationToken: context.CancellationToken);
                foreach (var annotation in job.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
                    await annotation.Callback(ofJob);
                // The values stay unresolved: whoever runs the scaler resolves them with its own.
                foreach (var (name, value) in ofJob.EnvironmentVariables)
                    context.EnvironmentVariables[$"Scaler__Job__Environment__{name}"] = value;
            });

    /// <summary>Limits the threads of the engine.</summary>
    public static IResourceBuilder<T> WithThreads<T>(this IResourceBuilder<T> builder, int threads) where T : IResourceWithEnvironment
    {
        var count = threads.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return builder
            .WithEnvironment("Worker__Threads", count)
            .WithEnvironment("OMP_NUM_THREADS", count)
            // Threads that spin while they wait slow each other down; read by native code, so it must be there from the start.
            .WithEnvironment("OMP_WAIT_POLICY", "PASSIVE");
    }
}

/// <summary>What the build wrote down about the projects that the AppHost refers to.</summary>
static class ProjectOutput
{
    /// <summary>The assembly that the project builds.</summary>
    public static string Of<TProject>() where TProject : IProjectMetadata, new()
    {
        var key = $"TargetPath:{new TProject().ProjectPath}";
        return typeof(ProjectOutput).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
    }
}
