using Google.Protobuf;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>Reads the log records of one request.</summary>
internal sealed class LogReader(TelemetryStore store, AttributeReader attributes, Outcome outcome)
{
    private const int RecordBytes = 360;

    // Under this name the .NET exporter sends the text before its values were filled in.
    private const string TemplateName = "{OriginalFormat}";

    public List<TelemetryLog> Read(ResourceLogs sent)
    {
        var logs = new List<TelemetryLog>(sent.ScopeLogs.Sum(scope => scope.LogRecords.Count));
        var resource = store.Resource(sent.Resource, attributes, outcome);
        foreach (var scope in sent.ScopeLogs)
        {
            var category = attributes.Text(scope.Scope?.Name ?? "", outcome);
            foreach (var record in scope.LogRecords)
                logs.Add(Read(record, category, resource));
        }
        return logs;
    }

    private TelemetryLog Read(LogRecord record, string category, TelemetryResource resource)
    {
        var read = attributes.Read(record.Attributes, outcome);
        string? template = null;
        foreach (var attribute in read)
        {
            if (attribute.Name == TemplateName) template = attribute.Value;
        }
        if (template is not null) read = [.. read.Where(attribute => attribute.Name != TemplateName)];
        var message = attributes.Text(record.Body, outcome);
        return new TelemetryLog
        {
            Time = OtlpValues.Time(record.TimeUnixNano != 0 ? record.TimeUnixNano : record.ObservedTimeUnixNano),
            Level = LevelOf(record.SeverityNumber),
            Message = message,
            Template = template,
            Category = category,
            EventName = record.EventName.Length > 0 ? attributes.Text(record.EventName, outcome) : null,
            TraceId = Hex(record.TraceId, 16),
            SpanId = Hex(record.SpanId, 8),
            Attributes = read,
            Resource = resource,
            Bytes = RecordBytes + 2 * message.Length + AttributeReader.BytesOf(read),
        };
    }

    private static LogLevel LevelOf(int severity) => severity switch
    {
        // Not told: as most records are.
        <= 0 => LogLevel.Information,
        <= 4 => LogLevel.Trace,
        <= 8 => LogLevel.Debug,
        <= 12 => LogLevel.Information,
        <= 16 => LogLevel.Warning,
        <= 20 => LogLevel.Error,
        _ => LogLevel.Critical,
    };

    private static string? Hex(ByteString id, int length) =>
        id.Length == length && id.Span.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(id.Span) : null;
}
