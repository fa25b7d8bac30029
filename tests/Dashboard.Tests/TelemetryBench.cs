using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SdAspire.Hosting.Dashboard.Otlp;
using SdAspire.Hosting.Dashboard.Otlp.Protocol;
using SdAspire.Hosting.Dashboard.Telemetry;

namespace SdAspire.Dashboard.Tests;

/// <summary>A store with what receives for it, and no network.</summary>
internal sealed class TelemetryBench : IDisposable
{
    private readonly TelemetryReceiver _receiver;

    public TelemetryBench(TelemetryLimits? limits = null, TimeProvider? time = null)
    {
        Store = new TelemetryStore(
            Options.Create(limits ?? new TelemetryLimits()), time ?? TimeProvider.System, NullLogger<TelemetryStore>.Instance);
        _receiver = new TelemetryReceiver(Store);
    }

    public TelemetryStore Store { get; }

    public ExportTraceServiceResponse Receive(ExportTraceServiceRequest request) => _receiver.Receive(request);

    public ExportLogsServiceResponse Receive(ExportLogsServiceRequest request) => _receiver.Receive(request);

    public ExportMetricsServiceResponse Receive(ExportMetricsServiceRequest request) => _receiver.Receive(request);

    public void Dispose() => Store.Dispose();
}
