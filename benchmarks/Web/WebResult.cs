using System.Text.Json.Serialization;

namespace SdAspire.Bench.Web;

/// <summary>What one run showed. Times in milliseconds unless said otherwise.</summary>
internal sealed record WebResult
{
    public required int Cores { get; init; }
    public required int Pictures { get; init; }
    public required double ListeningSeconds { get; init; }
    public required double GallerySeconds { get; init; }
    public required double PageP99 { get; init; }
    public required double SearchP99 { get; init; }
    public required double SearchMedian { get; init; }
    public required int Streams { get; init; }
    public required int Events { get; init; }
    public required long EventsReceived { get; init; }
    public required double EventsSeconds { get; init; }
    public required double MemoryMiBBefore { get; init; }
    public required double MemoryMiBAfter { get; init; }
    public required double SinglesPerSecond { get; init; }
    public required double SingleP99 { get; init; }
    public required double BatchedPerSecond { get; init; }
    public required int Accepted { get; init; }
    public required int Lost { get; init; }
    public required int Refused { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(WebResult))]
internal sealed partial class WebJson : JsonSerializerContext;
