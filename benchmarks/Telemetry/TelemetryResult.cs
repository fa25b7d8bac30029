using System.Text.Json.Serialization;

namespace SdAspire.Bench.Telemetry;

/// <summary>What one run showed. Memory in MiB.</summary>
internal sealed record TelemetryResult
{
    public required int Cores { get; init; }
    public required int Services { get; init; }
    public required int SecondsOfLoad { get; init; }
    public required double SpansPerSecond { get; init; }
    public required long Sent { get; init; }
    public required long Received { get; init; }
    public long Dropped => Sent - Received;
    public required int TracesKept { get; init; }
    public required double ReadySeconds { get; init; }
    public required double ReadyCpuSeconds { get; init; }
    public required double DashboardCpuPercentOfOneCore { get; init; }
    public required double PeakMemory { get; init; }
    public required double MemoryAfter { get; init; }
    public required double MicrosecondsPerSpanWithExport { get; init; }
    public required double MicrosecondsPerSpanWithoutExport { get; init; }
}

/// <summary>What the dashboard held, told at its end.</summary>
internal sealed record DashboardCount(long Spans, long Traces, int TracesKept);

/// <summary>What a service sent, and what it cost there.</summary>
internal sealed record ServiceCount(long Spans, long MeasuredSpans, double MeasuredCpuMicroseconds);

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(TelemetryResult))]
internal sealed partial class ResultJson : JsonSerializerContext;

[JsonSerializable(typeof(DashboardCount))]
[JsonSerializable(typeof(ServiceCount))]
internal sealed partial class LineJson : JsonSerializerContext;
