namespace SdAspire.WebUi.Gallery;

/// <summary>Which tasks are looked for; what is null does not matter.</summary>
public sealed record BoardQuery
{
    /// <summary>Older than this one.</summary>
    public string? Before { get; init; }

    /// <summary>Younger than this one; the nearest to it come first into the page.</summary>
    public string? After { get; init; }

    /// <summary>All of these are in the prompt, whatever their case.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public IReadOnlyList<GenerationStatus> Statuses { get; init; } = [];

    public string? Model { get; init; }

    public static IReadOnlyList<string> WordsOf(string? text) =>
        text?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    public bool Matches(GenerationState state)
    {
        if (Statuses.Count > 0 && !Statuses.Contains(state.Status))
            return false;
        if (Model is not null && !string.Equals(Model, state.Task.Model, StringComparison.Ordinal))
            return false;
        foreach (var word in Words)
        {
            if (!state.Task.Prompt.Contains(word, StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }
}
