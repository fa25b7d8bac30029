using System.Text.Json.Serialization;

namespace SdAspire.Bench.Storage;

/// <summary>What one run showed. Times in milliseconds.</summary>
internal sealed record StorageResult
{
    public required int Cores { get; init; }
    public required int Clients { get; init; }
    public required int Bytes { get; init; }
    public required double Seconds { get; init; }
    public required int Pairs { get; init; }
    public required double PairsPerSecond { get; init; }
    public required int Wrong { get; init; }
    public required double PutP50 { get; init; }
    public required double PutP99 { get; init; }
    public required double GetP50 { get; init; }
    public required double GetP99 { get; init; }
    public required double ServerCpuPercentOfOneCore { get; init; }
    public required double ServerPeakMemoryMiB { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(StorageResult))]
internal sealed partial class StorageJson : JsonSerializerContext;
