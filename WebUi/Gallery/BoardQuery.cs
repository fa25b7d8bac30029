using System.Buffers;

namespace SdAspire.WebUi.Gallery;

/// <summary>Which tasks are looked for; what is null does not matter.</summary>
public sealed record BoardQuery
{
    private readonly SearchValues<string>[] _wanted = [];

    /// <summary>Older than this one.</summary>
    public string? Before { get; init; }

    /// <summary>Younger than this one; the nearest to it come first into the page.</summary>
    public string? After { get; init; }

    /// <summary>All of these are in the prompt, whatever their case.</summary>
    public IReadOnlyList<string> Words
    {
        get;
        init
        {
            field = value;
            _wanted = [.. value.Select(word => SearchValues.Create([word], StringComparison.OrdinalIgnoreCase))];
        }
    } = [];

    public IReadOnlyList<GenerationStatus> Statuses { get; init; } = [];

    public string? Model { get; init; }

    public static IReadOnlyList<string> WordsOf(string? text) =>
        text?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>Whether the prompt has the words.</summary>
    public bool Matches(string prompt)
    {
        foreach (var word in _wanted)
        {
            if (!prompt.AsSpan().ContainsAny(word))
                return false;
        }
        return true;
    }

    /// <summary>Whether it is looked for, by all but its prompt.</summary>
    public bool Matches(GenerationState state) =>
        (Statuses.Count == 0 || Statuses.Contains(state.Status))
        && (Model is null || string.Equals(Model, state.Task.Model, StringComparison.Ordinal));
}
