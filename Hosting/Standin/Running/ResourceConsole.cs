using System.Text.RegularExpressions;

namespace Aspire.Hosting.Running;

/// <summary>Prints what the resources say, each line with its resource's name, to standard error: results go to standard output.</summary>
sealed partial class ResourceConsole
{
    private static readonly string[] Colours = ["36", "32", "33", "35", "34", "96", "92", "93", "95", "94"];
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _colours = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _colour = !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Prints a line of a resource's output.</summary>
    public void WriteLine(string resource, string line)
    {
        lock (_lock)
            Console.Error.WriteLine(_colour
                ? $"\e[{ColourOf(resource)}m[{resource}]\e[0m {line}\e[0m"
                : $"[{resource}] {EscapeSequence.Replace(line, "")}");
    }

    /// <summary>Prints what became of a resource.</summary>
    public void WriteState(string resource, string state) => WriteLine(resource, _colour ? $"\e[2m-- {state}" : $"-- {state}");

    private string ColourOf(string resource)
    {
        if (!_colours.TryGetValue(resource, out var colour))
            _colours[resource] = colour = Colours[_colours.Count % Colours.Length];
        return colour;
    }

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex EscapeSequence { get; }
}
