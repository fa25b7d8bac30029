using System.Diagnostics.CodeAnalysis;
using SdAspire.Diffusion;
using SdAspire.Generation;

namespace SdAspire.Worker.Jobs;

/// <summary>Reads a message, or says in a sentence why nobody can ever paint it.</summary>
public sealed class TaskReader(ModelProfile model)
{
    /// <param name="task">The task, also where its values are refused; null where the message is no task at all.</param>
    /// <param name="reason">Why it is refused.</param>
    public bool TryRead(
        ReadOnlySpan<byte> body, [NotNullWhen(true)] out GenerationTask? task, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            task = GenerationTask.Parse(body);
        }
        catch (MalformedTaskException exception)
        {
            task = null;
            reason = exception.Message;
            return false;
        }
        var faults = GenerationRules.Check(task, model);
        reason = faults.Count > 0 ? string.Join(" ", faults.Values.SelectMany(messages => messages))
            : !SchedulerNames.IsKnown(task.Scheduler) ? $"The engine has no scheduler '{task.Scheduler}'."
            : null;
        return reason is null;
    }
}
