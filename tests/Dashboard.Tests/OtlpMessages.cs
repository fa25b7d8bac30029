using Google.Protobuf;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;

namespace SdAspire.Dashboard.Tests;

/// <summary>What senders say.</summary>
internal static class OtlpMessages
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    public static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static KeyValue Attribute(string name, string value) =>
        new() { Key = name, Value = new AnyValue { StringValue = value } };

    public static Resource Service(string name, string instance = "") =>
        new() { Attributes = { Attribute("service.name", name), Attribute("service.instance.id", instance) } };

    public static Span Span(
        int trace, int id, int parent = 0, string name = "work", double start = 0, double seconds = 1) => new()
    {
        TraceId = Id(trace, 16),
        SpanId = Id(id, 8),
        ParentSpanId = parent == 0 ? ByteString.Empty : Id(parent, 8),
        Name = name,
        StartTimeUnixNano = Nanoseconds(Noon.AddSeconds(start)),
        EndTimeUnixNano = Nanoseconds(Noon.AddSeconds(start + seconds)),
    };

    public static ExportTraceServiceRequest Spans(string service, params Span[] spans) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = Service(service),
                ScopeSpans = { new ScopeSpans { Scope = new InstrumentationScope { Name = "tests" }, Spans = { spans } } },
            },
        },
    };

    public static ExportLogsServiceRequest Logs(string service, params LogRecord[] records) => new()
    {
        ResourceLogs =
        {
            new ResourceLogs
            {
                Resource = Service(service),
                ScopeLogs = { new ScopeLogs { Scope = new InstrumentationScope { Name = "tests" }, LogRecords = { records } } },
            },
        },
    };

    public static LogRecord Log(string message, double seconds = 0, int severity = 9) => new()
    {
        TimeUnixNano = Nanoseconds(Noon.AddSeconds(seconds)),
        SeverityNumber = severity,
        Body = new AnyValue { StringValue = message },
    };

    public static ExportMetricsServiceRequest Metrics(string service, params Metric[] metrics) => new()
    {
        ResourceMetrics =
        {
            new ResourceMetrics
            {
                Resource = Service(service),
                ScopeMetrics =
                {
                    new ScopeMetrics { Scope = new InstrumentationScope { Name = "tests" }, Metrics = { metrics } },
                },
            },
        },
    };

    public static string TraceId(int trace) => trace.ToString("x32");

    public static string SpanId(int span) => span.ToString("x16");

    private static ByteString Id(int number, int length)
    {
        var bytes = new byte[length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(length - 4), number);
        return ByteString.CopyFrom(bytes);
    }
}
