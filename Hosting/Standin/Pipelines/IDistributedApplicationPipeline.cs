using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>What is done with an application when it is published, step by step.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public interface IDistributedApplicationPipeline
{
    /// <summary>Adds a step.</summary>
    /// <param name="name">The name, unique in the pipeline.</param>
    /// <param name="action">What the step does.</param>
    /// <param name="dependsOn">The name of the step that comes before, or several names.</param>
    /// <param name="requiredBy">The name of the step that comes after, or several names.</param>
    void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null);
}
