// --folder DIR: where the programs leave their traces. --fault: an exception in the middle of the composition.
// --dashboard true: with a dashboard. --waiting true: with one that waits for what never starts.
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
{
    Args = args,
    DisableDashboard = !args.Contains("--dashboard"),
});
var folder = builder.Configuration["folder"] ?? throw new InvalidOperationException("--folder is missing.");

// Each says its process id, and in the end its name.
const string Loop = "while :; do sleep 0.1; done";
var first = builder.AddExecutable("first", "sh", folder, "-c", $"echo $$ >first.pid; trap 'echo first >>stopped; exit 0' TERM; {Loop}")
    .WithEnvironment("GREETING", builder.Configuration["greeting"] ?? "none");
var second = builder.AddExecutable("second", "sh", folder, "-c", $"echo 'a line' ; echo $$ >second.pid; trap 'echo second >>stopped; exit 0' TERM; {Loop}")
    .WaitFor(first);
builder.AddExecutable("stubborn", "sh", folder, "-c", $"trap '' TERM; echo $$ >stubborn.pid; {Loop}")
    .WaitForStart(second);

if (builder.Configuration["waiting"] is not null)
    builder.AddExecutable("patient", "true", folder).WaitFor(builder.AddExecutable("never", "true", folder).WithExplicitStart());

if (builder.Configuration["fault"] is { } fault) throw new InvalidOperationException(fault);
builder.Build().Run();
