using System.Reflection;
using System.Text.RegularExpressions;

namespace SdAspire.Hosting.Keda.Publishing;

/// <summary>Files of a chart inside an assembly, embedded under their paths: <c>Chart/values.yaml</c> and the like.</summary>
/// <param name="assembly">Where they are.</param>
/// <param name="folder">The folder's path.</param>
/// <param name="tokens">What takes the place of <c>%name%</c> in all of them.</param>
sealed partial class EmbeddedChart(Assembly assembly, string folder, IReadOnlyDictionary<string, string>? tokens = null)
{
    /// <summary>This library's own.</summary>
    public static EmbeddedChart Of(string folder) => new(typeof(EmbeddedChart).Assembly, $"Chart/{folder}");

    public IEnumerable<string> Files => assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal))
        .Select(name => name[(folder.Length + 1)..])
        .Order(StringComparer.Ordinal);

    /// <summary>The text of a file, with <c>%name%</c> replaced by these, or by those of all files.</summary>
    /// <exception cref="InvalidOperationException">There is no such file, or nothing to take the place of a token.</exception>
    public string Read(string file, IReadOnlyDictionary<string, string>? replacements = null)
    {
        using var stream = assembly.GetManifestResourceStream($"{folder}/{file}")
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no embedded file {folder}/{file}.");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd().ReplaceLineEndings("\n");
        return Token().Replace(text, match =>
            (replacements ?? tokens)?.GetValueOrDefault(match.Groups[1].Value)?.TrimEnd('\n')
            ?? throw new InvalidOperationException($"Nothing takes the place of {match.Value} in {folder}/{file}."));
    }

    // Alone: 100% is none, and neither is what stands in a format such as %s%s.
    [GeneratedRegex(@"(?<![\w%])%([A-Za-z]+)%(?![\w%])")]
    private static partial Regex Token();
}
