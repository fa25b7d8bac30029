using System.Globalization;
using System.Text;
using System.Text.Json;
using CommunityToolkit.HighPerformance.Buffers;
using Google.Protobuf.Collections;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>Makes names and texts of what was sent, within the limits. The same short text is kept once.</summary>
internal sealed class AttributeReader(TelemetryLimits limits)
{
    // Names and most values recur; long texts rarely do.
    private const int PooledLength = 64;

    private readonly StringPool _pool = new(minimumSize: 8192);

    public TelemetryLimits Limits => limits;

    public IReadOnlyList<TelemetryAttribute> Read(RepeatedField<KeyValue> attributes, Outcome outcome)
    {
        if (attributes.Count == 0) return [];
        var count = Math.Min(attributes.Count, limits.MaxAttributeCount);
        outcome.Warn("attributes beyond MaxAttributeCount", attributes.Count - count);
        var read = new TelemetryAttribute[count];
        for (var i = 0; i < count; i++)
            read[i] = new TelemetryAttribute(Text(attributes[i].Key, outcome), Text(attributes[i].Value, outcome));
        return read;
    }

    public string Text(string text, Outcome outcome)
    {
        if (text.Length <= PooledLength) return text.Length == 0 ? "" : _pool.GetOrAdd(text);
        if (text.Length <= limits.MaxAttributeLength) return text;
        outcome.Warn("texts beyond MaxAttributeLength");
        // Not between the halves of a character.
        var length = limits.MaxAttributeLength;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    public string Text(AnyValue? value, Outcome outcome) => value is null ? "" : Text(Plain(value), outcome);

    /// <summary>The size of attributes, as estimated.</summary>
    public static int BytesOf(IReadOnlyList<TelemetryAttribute> attributes)
    {
        var bytes = 24 + 16 * attributes.Count;
        foreach (var attribute in attributes)
            bytes += 22 + 2 * attribute.Value.Length;
        return bytes;
    }

    private static string Plain(AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.BytesValue => value.BytesValue.ToBase64(),
        AnyValue.ValueOneofCase.ArrayValue or AnyValue.ValueOneofCase.KvlistValue => Json(value),
        _ => "",
    };

    private static string Json(AnyValue value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, value);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    // As deep as a message of protobuf may be.
    private static void Write(Utf8JsonWriter json, AnyValue? value)
    {
        switch (value?.ValueCase)
        {
            case AnyValue.ValueOneofCase.ArrayValue:
                json.WriteStartArray();
                foreach (var item in value.ArrayValue.Values)
                    Write(json, item);
                json.WriteEndArray();
                break;
            case AnyValue.ValueOneofCase.KvlistValue:
                json.WriteStartObject();
                foreach (var item in value.KvlistValue.Values)
                {
                    json.WritePropertyName(item.Key);
                    Write(json, item.Value);
                }
                json.WriteEndObject();
                break;
            case AnyValue.ValueOneofCase.BoolValue:
                json.WriteBooleanValue(value.BoolValue);
                break;
            case AnyValue.ValueOneofCase.IntValue:
                json.WriteNumberValue(value.IntValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue when double.IsFinite(value.DoubleValue):
                json.WriteNumberValue(value.DoubleValue);
                break;
            case null or AnyValue.ValueOneofCase.None:
                json.WriteNullValue();
                break;
            default:
                json.WriteStringValue(Plain(value));
                break;
        }
    }
}
