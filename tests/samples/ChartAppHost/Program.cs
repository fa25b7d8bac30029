// --model farm | studio | queue: which of the models is composed. --fault NAME: what goes wrong while it is published.
using ChartAppHost;

var builder = DistributedApplication.CreateBuilder(args);
switch (builder.Configuration["model"])
{
    case "studio": Studio.Compose(builder); break;
#if KEDA
    case "queue": Queue.Compose(builder); break;
#endif
    default: Farm.Compose(builder); break;
}
if (builder.Configuration["fault"] is { } fault) Faults.Add(builder, fault);
builder.Build().Run();
