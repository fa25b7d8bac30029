using System.Globalization;
using Microsoft.Extensions.Configuration;
using SdAspire.Keda.Settings;

namespace SdAspire.AppHost;

/// <summary>Section <c>Gpu</c>: how workers get a GPU, on this machine and, with <c>Gpu:Mode</c>, in a cluster.</summary>
static class GpuExtensions
{
    private const string Section = "Gpu";

    /// <summary><c>Gpu:Mode</c>, or null where nothing is said.</summary>
    /// <exception cref="DistributedApplicationException">It is no such mode.</exception>
    public static GpuMode? GpuMode(this IConfiguration configuration)
    {
        const string Key = $"{Section}:Mode";
        return configuration[Key] switch
        {
            null or "" => null,
            { } text when Enum.TryParse<GpuMode>(text, ignoreCase: true, out var mode) && Enum.IsDefined(mode) => mode,
            { } text => throw new DistributedApplicationException($"{Key} is '{text}': it must be none, exclusive or shared."),
        };
    }

    /// <summary>Workers that may have one GPU of this machine: <c>Gpu:Replicas</c> where they share.</summary>
    /// <exception cref="DistributedApplicationException">It is no such number.</exception>
    public static int WorkersPerGpu(this IConfiguration configuration)
    {
        const string Key = $"{Section}:Replicas";
        if (configuration.GpuMode() != Keda.Settings.GpuMode.Shared) return 1;
        var text = configuration[Key] is { Length: > 0 } given ? given : "4";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new DistributedApplicationException($"{Key} is '{text}': it must be a number from 1 on.");
    }

    /// <summary>Lets the launcher give each worker its GPU: one for each, where nothing else is said.</summary>
    public static IResourceBuilder<T> WithGpus<T>(this IResourceBuilder<T> launcher, IConfiguration configuration, int gpus)
        where T : IResourceWithEnvironment
    {
        var mode = configuration.GpuMode() ?? (gpus > 0 ? Keda.Settings.GpuMode.Exclusive : Keda.Settings.GpuMode.None);
        foreach (var (key, value) in configuration.GetSection(Section).AsEnumerable(makePathsRelative: true))
            if (value is not null)
                launcher.WithEnvironment($"Scaler__{Section}__{key.Replace(":", "__", StringComparison.Ordinal)}", value);
        return launcher.WithEnvironment($"Scaler__{Section}__Mode", mode.ToString());
    }
}
