#pragma warning disable ASPIREPIPELINES001 // The stand-in's own pipeline.
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Pipelines;

/// <summary>The steps and their order.</summary>
sealed class DistributedApplicationPipeline : IDistributedApplicationPipeline
{
    private readonly List<PipelineStep> _steps =
    [
        PipelineStep.Milestone(WellKnownPipelineSteps.BeforeStart),
        PipelineStep.Milestone(WellKnownPipelineSteps.ValidateComputeEnvironments, WellKnownPipelineSteps.BeforeStart),
        PipelineStep.Milestone(WellKnownPipelineSteps.ProcessParameters, WellKnownPipelineSteps.PublishPrereq),
        PipelineStep.Milestone(WellKnownPipelineSteps.PublishPrereq),
        PipelineStep.Milestone(WellKnownPipelineSteps.Publish),
    ];

    public void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(action);
        if (Has(name))
            throw new InvalidOperationException($"A step with the name '{name}' has already been added to the pipeline.");
        _steps.Add(new(name, action, Names(dependsOn, nameof(dependsOn)), Names(requiredBy, nameof(requiredBy))));
    }

    public bool Has(string name) => _steps.Any(s => s.Name == name);

    /// <summary>The steps that lead to one of them, or all of them, each after those that it depends on.</summary>
    public IReadOnlyList<PipelineStep> Plan(DistributedApplicationModel model, string? target)
    {
        var steps = new Dictionary<string, PipelineStep>(StringComparer.Ordinal);
        var annotations = model.Resources.SelectMany(r => r.Annotations.OfType<PipelineStepAnnotation>());
        foreach (var step in _steps.Concat(annotations.SelectMany(a => a.Steps)))
            if (!steps.TryAdd(step.Name, step))
                throw new DistributedApplicationException($"There are two pipeline steps named '{step.Name}'.");

        if (target is not null && !steps.ContainsKey(target))
            throw new DistributedApplicationException(
                $"There is no pipeline step '{target}'. The steps are: {string.Join(", ", steps.Keys)}.");
        return new Order(steps).Of(target is null ? steps.Keys : [target]);
    }

    /// <summary>Carries the steps out, one after another; what fails is told in one line.</summary>
    public static async Task ExecuteAsync(IEnumerable<PipelineStep> steps, PipelineStepContext context)
    {
        foreach (var step in steps)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            context.Logger.StepStarts(step.Name);
            try
            {
                await step.Action(context).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !context.CancellationToken.IsCancellationRequested)
            {
                context.Logger.StepFailed(e, step.Name);
                throw new DistributedApplicationException(
                    $"The pipeline step '{step.Name}' failed: {e.Message.ReplaceLineEndings(" ")}", e);
            }
        }
    }

    private static IReadOnlyList<string> Names(object? names, string parameter) => names switch
    {
        null => [],
        string name => [name],
        IEnumerable<string> several => [.. several],
        _ => throw new ArgumentException($"It must be a name or several, but it is a {names.GetType().Name}.", parameter),
    };

    private sealed class Order
    {
        private readonly Dictionary<string, PipelineStep> _steps;
        private readonly ILookup<string, string> _before;
        private readonly List<PipelineStep> _result = [];
        private readonly Dictionary<string, bool> _visited = [];

        public Order(Dictionary<string, PipelineStep> steps)
        {
            _steps = steps;
            foreach (var step in steps.Values)
                foreach (var other in step.DependsOn.Concat(step.RequiredBy))
                {
                    if (steps.ContainsKey(other)) continue;
                    var relation = step.DependsOn.Contains(other) ? "depends on" : "is required by";
                    throw new DistributedApplicationException(
                        $"The pipeline step '{step.Name}' {relation} the unknown step '{other}'. "
                        + $"The steps are: {string.Join(", ", steps.Keys)}.");
                }
            _before = steps.Values
                .SelectMany(s => s.DependsOn.Select(before => (Step: s.Name, Before: before))
                    .Concat(s.RequiredBy.Select(after => (Step: after, Before: s.Name))))
                .ToLookup(pair => pair.Step, pair => pair.Before);
        }

        public IReadOnlyList<PipelineStep> Of(IEnumerable<string> targets)
        {
            foreach (var target in targets) Visit(target, []);
            return _result;
        }

        private void Visit(string name, IReadOnlyList<string> path)
        {
            if (_visited.TryGetValue(name, out var done))
            {
                if (done) return;
                throw new DistributedApplicationException(
                    $"The pipeline steps wait for each other: {string.Join(" -> ", [.. path, name])}.");
            }
            _visited[name] = false;
            foreach (var before in _before[name].Distinct()) Visit(before, [.. path, name]);
            _visited[name] = true;
            _result.Add(_steps[name]);
        }
    }
}
