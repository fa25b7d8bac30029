using System.Text.Json.Serialization;

namespace SdAspire.Bench.Launch;

/// <summary>What one run showed.</summary>
internal sealed record LaunchResult
{
    public required int Cores { get; init; }
    public required int Slots { get; init; }
    public required int Steps { get; init; }

    /// <summary>The launcher is woken by each message.</summary>
    public required LatencyResult Woken { get; init; }

    /// <summary>It only polls, as KEDA does.</summary>
    public required LatencyResult Polled { get; init; }

    /// <summary>A worker for each message.</summary>
    public required LoadResult Single { get; init; }

    /// <summary>Workers that take further messages.</summary>
    public required LoadResult Lingering { get; init; }

    /// <summary>
    /// Processor milliseconds of a job with one picture, beyond those that a further picture costs a worker that lingers: starting,
    /// connecting, loading the model.
    /// </summary>
    public required double JobProcessorMilliseconds { get; init; }

    /// <summary>Of one core, while nothing is asked for.</summary>
    public required double IdlePercentOfOneCore { get; init; }
}

/// <summary>One message after another on an idle machine; milliseconds since it was published, as medians and 99th percentiles.</summary>
internal sealed record LatencyResult
{
    public required int Messages { get; init; }
    public required int PollingInterval { get; init; }
    public required Quantiles Spawned { get; init; }
    public required Quantiles Main { get; init; }
    public required Quantiles Taken { get; init; }
    public required Quantiles FirstStep { get; init; }
    public required Quantiles Painted { get; init; }

    /// <summary>Jobs that found no message.</summary>
    public required int InVain { get; init; }
    public required double ProcessorMillisecondsPerJob { get; init; }
}

internal sealed record Quantiles(double P50, double P99)
{
    public static Quantiles Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new(At(0.5), At(0.99));

        double At(double part) => Math.Round(sorted[(int)Math.Ceiling(part * sorted.Length) - 1], 1);
    }
}

/// <summary>Many messages that wait from the beginning.</summary>
internal sealed record LoadResult
{
    public required int Prompts { get; init; }
    public required int Jobs { get; init; }
    public required double Seconds { get; init; }

    /// <summary>How much of the slots' time a worker had a message in hand.</summary>
    public required double HeldPercent { get; init; }

    /// <summary>How much of it an engine painted.</summary>
    public required double PaintingPercent { get; init; }
    public required int InVain { get; init; }
    public required double ProcessorMillisecondsPerPicture { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(LaunchResult))]
internal sealed partial class LaunchJson : JsonSerializerContext;
