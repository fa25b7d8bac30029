using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>Takes in what was sent, whichever way it came, and tells what could not be kept.</summary>
internal sealed class TelemetryReceiver(TelemetryStore store)
{
    private readonly AttributeReader _attributes = new(store.Limits);

    public ExportTraceServiceResponse Receive(ExportTraceServiceRequest request)
    {
        var response = new ExportTraceServiceResponse();
        var outcome = new Outcome();
        var spans = new SpanReader(store, _attributes, outcome);
        foreach (var ofResource in request.ResourceSpans)
            outcome.Full(store.Add(spans.Read(ofResource)), "span", "MaxSpansPerTrace");
        if (outcome.Message is { } message)
            response.PartialSuccess = new ExportTracePartialSuccess { RejectedSpans = outcome.Rejected, ErrorMessage = message };
        return response;
    }

    public ExportLogsServiceResponse Receive(ExportLogsServiceRequest request)
    {
        var response = new ExportLogsServiceResponse();
        var outcome = new Outcome();
        var logs = new LogReader(store, _attributes, outcome);
        foreach (var ofResource in request.ResourceLogs)
            store.Add(logs.Read(ofResource));
        if (outcome.Message is { } message)
        {
            response.PartialSuccess = new ExportLogsPartialSuccess
            {
                RejectedLogRecords = outcome.Rejected,
                ErrorMessage = message,
            };
        }
        return response;
    }

    public ExportMetricsServiceResponse Receive(ExportMetricsServiceRequest request)
    {
        var response = new ExportMetricsServiceResponse();
        var outcome = new Outcome();
        var metrics = new MetricReader(store, _attributes, outcome);
        foreach (var ofResource in request.ResourceMetrics)
            outcome.Full(store.Add(metrics.Read(ofResource)), "point", "MaxInstrumentCount or MaxDimensionCount");
        if (outcome.Message is { } message)
        {
            response.PartialSuccess = new ExportMetricsPartialSuccess
            {
                RejectedDataPoints = outcome.Rejected,
                ErrorMessage = message,
            };
        }
        return response;
    }
}
