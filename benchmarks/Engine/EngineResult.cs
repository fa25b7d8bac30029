using System.Text.Json.Serialization;

namespace SdAspire.Bench.Engine;

/// <summary>A part of the engine: medians of several calls after one to warm up.</summary>
internal sealed record PartResult
{
    public required string Part { get; init; }
    public required int Calls { get; init; }

    /// <summary>Of the call before: weights are packed then.</summary>
    public required double FirstSeconds { get; init; }
    public required double WallSeconds { get; init; }
    public required double CpuSeconds { get; init; }

    /// <summary>CPU over wall time.</summary>
    public required double CoresBusy { get; init; }

    /// <summary>Null where nobody counted the operations.</summary>
    public double? GigaFlopsPerSecond { get; init; }

    /// <summary>Of the rate that a large matrix product reaches, right before and after.</summary>
    public double? PercentOfMatmul { get; init; }
}

/// <summary>What one run showed.</summary>
internal sealed record EngineResult
{
    public required int Cores { get; init; }
    public required int Threads { get; init; }

    /// <summary>What the large UNet computes in.</summary>
    public required string Precision { get; init; }
    public required double MatmulGigaFlopsPerSecond { get; init; }

    /// <summary>What can be had while others are at work: the yardstick for the parts'.</summary>
    public required double MatmulCoresBusy { get; init; }
    public required double LoadSeconds { get; init; }
    public required double LoadCpuSeconds { get; init; }
    public required double LoadPeakGigabytes { get; init; }
    public required double StepPeakGigabytes256 { get; init; }
    public required double PeakGigabytes { get; init; }
    public required IReadOnlyList<PartResult> Parts { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(EngineResult))]
internal sealed partial class EngineJson : JsonSerializerContext;
