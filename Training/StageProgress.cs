using Spectre.Console;

namespace SdAspire.Training;

/// <summary>Tells on the error output how far something is: by a bar on a terminal, by lines elsewhere.</summary>
static class StageProgress
{
    /// <param name="name">What is done.</param>
    /// <param name="work">Calls back with the share that is done, and now and then with a line about it.</param>
    public static T Run<T>(string name, Func<Action<double, string?>, T> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (!console.Profile.Capabilities.Interactive)
        {
            return work((_, line) =>
            {
                if (line is not null)
                    Console.Error.WriteLine($"{name} {line}");
            });
        }
        return console.Progress().Start(context =>
        {
            var bar = context.AddTask(name, maxValue: 1);
            return work((share, line) =>
            {
                bar.Value = share;
                if (line is not null)
                    bar.Description = Markup.Escape($"{name} {line}");
            });
        });
    }
}
