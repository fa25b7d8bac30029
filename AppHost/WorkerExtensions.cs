using System.Globalization;
using Microsoft.Extensions.Configuration;
using SdAspire.Keda.Settings;

namespace SdAspire.AppHost;

static class WorkerExtensions
{
    private const string Section = "Scaler";

    /// <summary>Lets the configuration have the last word on a job's settings: <c>Scaler__maxReplicaCount</c> and the like.</summary>
    /// <exception cref="DistributedApplicationException">A setting is no such value.</exception>
    public static void BindScaler(this IConfiguration configuration, ScaledJobSettings job)
    {
        const string Strategy = $"{Section}:ScalingStrategy:Strategy";
        if (configuration[Strategy] is { } strategy && !Enum.TryParse<ScalingStrategy>(strategy, ignoreCase: true, out _))
            throw new DistributedApplicationException($"{Strategy} is '{strategy}': it must be default, custom, accurate or eager.");
        try
        {
            configuration.Bind(Section, job);
        }
        catch (InvalidOperationException e)
        {
            throw new DistributedApplicationException($"The section {Section} of the configuration is not understood: {e.Message}", e);
        }
    }

    /// <summary>Where the model is on this machine; in a cluster it is elsewhere.</summary>
    public static IResourceBuilder<T> WithModel<T>(this IResourceBuilder<T> builder, string directory) where T : IResourceWithEnvironment =>
        builder.ApplicationBuilder.ExecutionContext.IsRunMode ? builder.WithEnvironment("Worker__Model", directory) : builder;

    /// <summary>Limits the threads of the engine on this machine.</summary>
    public static IResourceBuilder<T> WithThreads<T>(this IResourceBuilder<T> builder, int threads) where T : IResourceWithEnvironment
    {
        if (builder.ApplicationBuilder.ExecutionContext.IsPublishMode) return builder;
        var count = threads.ToString(CultureInfo.InvariantCulture);
        return builder
            .WithEnvironment("Worker__Threads", count)
            .WithEnvironment("OMP_NUM_THREADS", count)
            // Threads that spin while they wait slow each other down; read by native code, so it must be there from the start.
            .WithEnvironment("OMP_WAIT_POLICY", "PASSIVE");
    }
}
