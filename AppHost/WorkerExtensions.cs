using System.Globalization;

namespace SdAspire.AppHost;

static class WorkerExtensions
{
    /// <summary>Limits the threads of the engine.</summary>
    public static IResourceBuilder<T> WithThreads<T>(this IResourceBuilder<T> builder, int threads) where T : IResourceWithEnvironment
    {
        var count = threads.ToString(CultureInfo.InvariantCulture);
        return builder
            .WithEnvironment("Worker__Threads", count)
            .WithEnvironment("OMP_NUM_THREADS", count)
            // Threads that spin while they wait slow each other down; read by native code, so it must be there from the start.
            .WithEnvironment("OMP_WAIT_POLICY", "PASSIVE");
    }
}
