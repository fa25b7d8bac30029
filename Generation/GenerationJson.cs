using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Generation;

/// <summary>The JSON of everything that the services say to each other.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    // Events and records may grow fields that an older reader skips; the task itself is marked to refuse them.
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(GenerationTask))]
[JsonSerializable(typeof(GenerationTask.TaskHeader))]
[JsonSerializable(typeof(GenerationEvent))]
[JsonSerializable(typeof(GenerationRecord))]
[JsonSerializable(typeof(IndexEntry))]
[JsonSerializable(typeof(IReadOnlyList<FailedAttempt>))]
internal sealed partial class GenerationJson : JsonSerializerContext;

/// <summary>Writes a point in time in UTC with a <c>Z</c>, to the millisecond.</summary>
public sealed class UtcTimestampConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>The point in time as it is written.</summary>
    public static string Format(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TryGetDateTimeOffset(out var value)
            ? value.ToUniversalTime()
            : throw new JsonException("The time is not in ISO 8601.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Format(value));
}
