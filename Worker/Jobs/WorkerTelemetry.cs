using System.Diagnostics;

namespace SdAspire.Worker.Jobs;

static class WorkerTelemetry
{
    public static readonly ActivitySource Source = new("SdAspire.Worker");
}
