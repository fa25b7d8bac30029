using System.Diagnostics;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;
using Kind = SdAspire.Hosting.Dashboard.Otlp.Protocol.Span.Types.SpanKind;
using StatusCode = SdAspire.Hosting.Dashboard.Otlp.Protocol.Status.Types.StatusCode;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>Reads the spans of one request.</summary>
internal sealed class SpanReader(TelemetryStore store, AttributeReader attributes, Outcome outcome)
{
    private const int SpanBytes = 160;
    private const int PartBytes = 120;

    public List<TelemetrySpan> Read(ResourceSpans sent)
    {
        var spans = new List<TelemetrySpan>(sent.ScopeSpans.Sum(scope => scope.Spans.Count));
        var resource = store.Resource(sent.Resource, attributes, outcome);
        foreach (var scope in sent.ScopeSpans)
        {
            var source = attributes.Text(scope.Scope?.Name ?? "", outcome);
            foreach (var span in scope.Spans)
            {
                if (OtlpValues.TraceId(span.TraceId) == 0 || OtlpValues.SpanId(span.SpanId) == 0)
                    outcome.Reject("spans without valid ids");
                else
                    spans.Add(Read(span, source, resource));
            }
        }
        return spans;
    }

    private TelemetrySpan Read(Span span, string source, TelemetryResource resource)
    {
        var start = OtlpValues.Time(span.StartTimeUnixNano);
        var end = OtlpValues.Time(span.EndTimeUnixNano);
        var read = attributes.Read(span.Attributes, outcome);
        var events = Events(span);
        var links = Links(span);
        return new TelemetrySpan
        {
            Trace = OtlpValues.TraceId(span.TraceId),
            Id = OtlpValues.SpanId(span.SpanId),
            Parent = OtlpValues.SpanId(span.ParentSpanId),
            Name = attributes.Text(span.Name, outcome),
            Source = source,
            Kind = span.Kind switch
            {
                Kind.Server => ActivityKind.Server,
                Kind.Client => ActivityKind.Client,
                Kind.Producer => ActivityKind.Producer,
                Kind.Consumer => ActivityKind.Consumer,
                _ => ActivityKind.Internal,
            },
            Start = start,
            Duration = end > start ? end - start : TimeSpan.Zero,
            Status = span.Status?.Code switch
            {
                StatusCode.Ok => ActivityStatusCode.Ok,
                StatusCode.Error => ActivityStatusCode.Error,
                _ => ActivityStatusCode.Unset,
            },
            StatusMessage = span.Status is { Message.Length: > 0 } status ? attributes.Text(status.Message, outcome) : null,
            Attributes = read,
            Events = events,
            Links = links,
            Resource = resource,
            Bytes = SpanBytes + AttributeReader.BytesOf(read)
                + events.Sum(item => PartBytes + AttributeReader.BytesOf(item.Attributes))
                + links.Sum(item => PartBytes + AttributeReader.BytesOf(item.Attributes)),
        };
    }

    private IReadOnlyList<SpanEvent> Events(Span span)
    {
        if (span.Events.Count == 0) return [];
        var count = Math.Min(span.Events.Count, attributes.Limits.MaxSpanEventCount);
        outcome.Warn("events beyond MaxSpanEventCount", span.Events.Count - count);
        return [.. span.Events.Take(count).Select(item => new SpanEvent(
            attributes.Text(item.Name, outcome), OtlpValues.Time(item.TimeUnixNano), attributes.Read(item.Attributes, outcome)))];
    }

    private IReadOnlyList<SpanLink> Links(Span span)
    {
        if (span.Links.Count == 0) return [];
        var count = Math.Min(span.Links.Count, attributes.Limits.MaxSpanLinkCount);
        outcome.Warn("links beyond MaxSpanLinkCount", span.Links.Count - count);
        return [.. span.Links.Take(count).Select(item => new SpanLink(
            OtlpValues.TraceId(item.TraceId).ToString("x32"), OtlpValues.SpanId(item.SpanId).ToString("x16"),
            attributes.Read(item.Attributes, outcome)))];
    }
}
