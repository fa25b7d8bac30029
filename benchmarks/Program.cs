using System.CommandLine;
using SdAspire.Bench.Engine;
using SdAspire.Bench.Faults;
using SdAspire.Bench.Launch;
using SdAspire.Bench.Storage;
using SdAspire.Bench.Telemetry;
using SdAspire.Bench.Web;

var root = new RootCommand("Measures. Prints a table, and writes the same as JSON under artifacts/bench.")
{
    EngineBench.Create(), EngineWeights.Create(), FaultsBench.Create(), LaunchBench.Create(), StorageBench.Create(),
    TelemetryBench.Create(), DashboardProcess.Create(), SpanService.Create(), WebBench.Create(),
};
return await root.Parse(args).InvokeAsync();
