using SdAspire.Diffusion;
using Spectre.Console;

namespace SdAspire.Worker.Engine;

/// <summary>Progress on stderr: a bar on a terminal, lines elsewhere.</summary>
static class StepProgressBar
{
    public static Task<T> ShowAsync<T>(int steps, Func<IProgress<StepProgress>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return work(new Report(step => Console.Error.WriteLine($"step {step.Step}/{step.Of}")));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                // Until the first step says how many there are: some schedulers take one more than they are asked for.
                var bar = context.AddTask("painting", maxValue: steps);
                return work(new Report(step => (bar.MaxValue, bar.Value) = (step.Of, step.Step)));
            });
    }

    // Not System.Progress: it posts to the thread pool, where steps overtake each other.
    private sealed class Report(Action<StepProgress> report) : IProgress<StepProgress>
    {
        void IProgress<StepProgress>.Report(StepProgress value) => report(value);
    }
}
