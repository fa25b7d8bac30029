using System.Text.Json.Serialization;

namespace SdAspire.Hosting.Dashboard.Components.Metrics;

internal sealed record ChartData(IReadOnlyList<string> Times, IReadOnlyList<ChartDataLine> Lines);

internal sealed record ChartDataLine(string Name, string Color, IReadOnlyList<string?> Values);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChartData))]
internal sealed partial class ChartJson : JsonSerializerContext;
