using System.CommandLine;
using SdAspire.Bench.Faults;
using SdAspire.Bench.Storage;
using SdAspire.Bench.Telemetry;

var root = new RootCommand("Measures. Prints a table, and writes the same as JSON under artifacts/bench.")
{
    FaultsBench.Create(), StorageBench.Create(), TelemetryBench.Create(), DashboardProcess.Create(), SpanService.Create(),
};
return await root.Parse(args).InvokeAsync();
