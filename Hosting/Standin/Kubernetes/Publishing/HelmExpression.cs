using System.Text.RegularExpressions;

namespace Aspire.Hosting.Kubernetes.Publishing;

/// <summary>Reads and writes the template expressions in text.</summary>
static partial class HelmExpression
{
    public static string Of(string inner) => $"{{{{ {inner} }}}}";

    /// <summary>What is inside the expression, if the text is nothing but one.</summary>
    public static string? Inner(string text) => Single().Match(text) is { Success: true } match ? match.Groups[1].Value : null;

    public static bool NamesValue(string text) => Any().IsMatch(text) && text.Contains(".Values.", StringComparison.Ordinal);

    public static bool NamesSecret(string text) =>
        Any().IsMatch(text) && text.Contains($".Values.{HelmNames.Secrets}.", StringComparison.Ordinal);

    /// <summary>Whether the text becomes a number or a whole block when it is rendered: then it has no quotes.</summary>
    public static bool IsPlain(string text) => Condition().IsMatch(text) || (Inner(text) is not null && Number().IsMatch(text));

    /// <summary>The same, with numbers turned into text.</summary>
    public static string AsText(string text) =>
        Number().Replace(text, match => $"{match.Groups[1].Value.TrimEnd()} | toString }}}}");

    [GeneratedRegex(@"^\{\{\s*([^{}]+?)\s*\}\}$")]
    private static partial Regex Single();

    [GeneratedRegex(@"\{\{\s*[^{}]+?\s*\}\}")]
    private static partial Regex Any();

    [GeneratedRegex(@"(\{\{[^}]*\|\s*(?:int|int64|float64)\s*)\}\}")]
    private static partial Regex Number();

    [GeneratedRegex(@"^\{\{\s*if\b")]
    private static partial Regex Condition();
}
