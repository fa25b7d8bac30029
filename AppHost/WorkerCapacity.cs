using System.Globalization;
using System.Reflection;

namespace SdAspire.AppHost;

/// <summary>How many workers this machine can hold, and how many threads each may use so that together they fill it.</summary>
sealed record WorkerCapacity(int MaxReplicas, int Threads)
{
    // The runtime, libtorch and what a step of painting takes, whatever the model.
    private const long BaseBytes = 768L << 20;

    // Weights are kept as 16-bit numbers and computed with as 32-bit ones; loading takes a little more.
    private const double BytesPerFileByte = 2.5;

    /// <param name="model">The model's directory.</param>
    /// <param name="workersPerGpu">How many share one.</param>
    public static WorkerCapacity Of(string model, int workersPerGpu)
    {
        var weights = new DirectoryInfo(model).EnumerateFiles("*.safetensors", SearchOption.AllDirectories).Sum(f => f.Length);
        return Of(Environment.ProcessorCount, AvailableBytes(), weights, Gpus() * workersPerGpu);
    }

    /// <param name="gpus">Those that the engine is built for, or shares of them: each takes one worker.</param>
    public static WorkerCapacity Of(int cores, long availableBytes, long weightBytes, int gpus)
    {
        var needed = BaseBytes + (long)(weightBytes * BytesPerFileByte);
        var replicas = gpus > 0 ? gpus : (int)Math.Max(1, Math.Min(cores / 2, availableBytes / needed));
        return new(replicas, Math.Max(1, cores / replicas));
    }

    /// <summary>GPUs of this machine that the engine is built for.</summary>
    public static int Gpus()
    {
        const string Devices = "/proc/driver/nvidia/gpus";
        var cuda = typeof(WorkerCapacity).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Any(a => a is { Key: "TorchRuntime", Value: "cuda" });
        return cuda && Directory.Exists(Devices) ? Directory.EnumerateDirectories(Devices).Count() : 0;
    }

    private static long AvailableBytes()
    {
        // What the garbage collector may use respects the container's limit, but not what other programs have.
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        const string Key = "MemAvailable:";
        var line = File.Exists("/proc/meminfo")
            ? File.ReadLines("/proc/meminfo").FirstOrDefault(l => l.StartsWith(Key, StringComparison.Ordinal))
            : null;
        return line is null
            ? limit
            : Math.Min(limit, long.Parse(line[Key.Length..].Replace("kB", ""), CultureInfo.InvariantCulture) << 10);
    }
}
