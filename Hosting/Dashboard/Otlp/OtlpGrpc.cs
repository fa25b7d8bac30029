using Grpc.Core;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;

namespace SdAspire.Hosting.Dashboard.Otlp;

internal sealed class TraceReceiver(TelemetryReceiver receiver) : TraceService.TraceServiceBase
{
    public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context) =>
        Task.FromResult(receiver.Receive(request));
}

internal sealed class LogsReceiver(TelemetryReceiver receiver) : LogsService.LogsServiceBase
{
    public override Task<ExportLogsServiceResponse> Export(ExportLogsServiceRequest request, ServerCallContext context) =>
        Task.FromResult(receiver.Receive(request));
}

internal sealed class MetricsReceiver(TelemetryReceiver receiver) : MetricsService.MetricsServiceBase
{
    public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context) =>
        Task.FromResult(receiver.Receive(request));
}
