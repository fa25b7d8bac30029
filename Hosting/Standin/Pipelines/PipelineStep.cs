#pragma warning disable ASPIREPIPELINES001 // The stand-in's own steps.
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

sealed record PipelineStep(
    string Name, Func<PipelineStepContext, Task> Action, IReadOnlyList<string> DependsOn, IReadOnlyList<string> RequiredBy)
{
    /// <summary>A step that does nothing but stand between others.</summary>
    public static PipelineStep Milestone(string name, params IReadOnlyList<string> requiredBy) =>
        new(name, _ => Task.CompletedTask, [], requiredBy);
}

/// <summary>The steps that a resource brings.</summary>
sealed class PipelineStepAnnotation(IReadOnlyList<PipelineStep> steps) : IResourceAnnotation
{
    public IReadOnlyList<PipelineStep> Steps => steps;
}
