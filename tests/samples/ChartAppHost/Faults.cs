#pragma warning disable ASPIREPIPELINES001, ASPIREPIPELINES004
using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace ChartAppHost;

/// <summary>What may go wrong in a pipeline.</summary>
static class Faults
{
    public static void Add(IDistributedApplicationBuilder builder, string fault)
    {
        switch (fault)
        {
            case "step":
                builder.Pipeline.AddStep("broken", async context =>
                {
                    var output = context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();
                    await File.WriteAllTextAsync(Path.Combine(output, "half"), "written", context.CancellationToken);
                    throw new InvalidOperationException("The press\nis out of ink.");
                }, dependsOn: "publish-k8s", requiredBy: WellKnownPipelineSteps.Publish);
                break;
            case "endless":
                builder.Pipeline.AddStep("endless", async context =>
                {
                    Console.WriteLine("endless");
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                }, dependsOn: "publish-k8s", requiredBy: WellKnownPipelineSteps.Publish);
                break;
            case "unknown":
                builder.Pipeline.AddStep("lost", _ => Task.CompletedTask, dependsOn: "nowhere");
                break;
            case "cycle":
                builder.Pipeline.AddStep("hen", _ => Task.CompletedTask, "egg", WellKnownPipelineSteps.Publish);
                builder.Pipeline.AddStep("egg", _ => Task.CompletedTask, dependsOn: "hen");
                break;
            case "mount":
                builder.AddContainer("disk", "disk", "1").WithAnnotation(
                    new ContainerMountAnnotation("/srv", "/data", ContainerMountType.BindMount, isReadOnly: false));
                break;
        }
    }
}
