using System.Buffers.Binary;
using Google.Protobuf;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>Times, ids and senders as OTLP writes them.</summary>
internal static class OtlpValues
{
    private const long NanosecondsPerTick = 100;

    public static DateTimeOffset Time(ulong unixNanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(unixNanoseconds / NanosecondsPerTick));

    /// <summary>Zero where there is no valid id.</summary>
    public static UInt128 TraceId(ByteString id) => id.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(id.Span) : 0;

    /// <summary>Zero where there is no valid id.</summary>
    public static ulong SpanId(ByteString id) => id.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(id.Span) : 0;

    public static TelemetryResource Resource(
        this TelemetryStore store, Resource? sent, AttributeReader attributes, Outcome outcome)
    {
        var read = sent is null ? [] : attributes.Read(sent.Attributes, outcome);
        return store.Resource(Find("service.name") ?? "unknown_service", Find("service.instance.id") ?? "", read);

        string? Find(string name)
        {
            foreach (var attribute in read)
            {
                if (attribute.Name == name && attribute.Value.Length > 0) return attribute.Value;
            }
            return null;
        }
    }
}
