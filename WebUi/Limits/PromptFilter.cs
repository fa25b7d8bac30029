using Microsoft.Extensions.Options;

namespace SdAspire.WebUi.Limits;

/// <summary>Section <c>PromptFilter</c>.</summary>
public sealed class PromptFilterOptions
{
    public const string Section = "PromptFilter";

    /// <summary>Words and phrases that no prompt may have.</summary>
    public IList<string> Words { get; } = [];

    /// <summary>The first entry that could not be found in any prompt; null if there is none.</summary>
    internal string? Fault => Words.FirstOrDefault(word => FoldedText.WordsOf(word).Count == 0);
}

/// <summary>
/// Refuses prompts by a list of whole words and phrases: a word that another one contains is none of them. How a word is written
/// does not matter, see <see cref="FoldedText"/>.
/// </summary>
public sealed class PromptFilter(IOptions<PromptFilterOptions> options)
{
    // By their first word.
    private readonly ILookup<string, IReadOnlyList<string>> _phrases =
        options.Value.Words.Select(FoldedText.WordsOf).ToLookup(words => words[0], StringComparer.Ordinal);

    /// <summary>Why the prompt is refused; null if it is not.</summary>
    public string? Fault(string prompt)
    {
        if (_phrases.Count == 0)
            return null;
        var words = FoldedText.WordsOf(prompt);
        for (var i = 0; i < words.Count; i++)
        {
            if (_phrases[words[i]].Any(phrase => words.Skip(i).Take(phrase.Count).SequenceEqual(phrase)))
                return "The field prompt has words that are not allowed here.";
        }
        return null;
    }
}
