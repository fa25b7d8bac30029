using System.CommandLine;
using SdAspire.Worker;
using SdAspire.Worker.Engine;
using SdAspire.Worker.Jobs;

var entered = DateTimeOffset.UtcNow;

// From the first moment: who stops a worker early still gets its exit code.
var stop = new StopSignal();

// Threads that spin long slow each other down wherever the cores are shared; those that never do sleep through much of a short
// step. Read by libgomp when it is loaded.
NativeProcess.SetDefaultVariable("OMP_WAIT_POLICY", "PASSIVE");
NativeProcess.SetDefaultVariable("GOMP_SPINCOUNT", "1000");

if (args.Length == 0)
    return await JobCommand.RunAsync(stop, entered);

var root = new RootCommand("Takes a message from the queue, paints it, stores the pictures and ends; its settings may give it more.")
{
    GenerateCommand.Create(stop), VerifyCommand.Create(),
};
root.SetAction(_ => JobCommand.RunAsync(stop, entered));
var result = root.Parse(args);
if (result.Errors is [var error, ..])
{
    Console.Error.WriteLine(error.Message.ReplaceLineEndings(" "));
    return ExitCode.Configuration;
}
return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
