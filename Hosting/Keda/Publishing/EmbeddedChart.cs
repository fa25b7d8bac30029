using System.Reflection;
using System.Text.RegularExpressions;

namespace SdAspire.Hosting.Keda.Publishing;

/// <summary>Files of a chart inside an assembly, embedded under their paths: <c>Chart/values.yaml</c> and the like.</summary>
sealed partial class EmbeddedChart(Assembly assembly, string folder)
{
    /// <summary>This library's own.</summary>
    public static EmbeddedChart Of(string folder) => new(typeof(EmbeddedChart).Assembly, $"Chart/{folder}");

    public IEnumerable<string> Files => assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(folder + "/", StringComparison.Ordinal))
        .Select(name => name[(folder.Length + 1)..])
        .Order(StringComparer.Ordinal);

    /// <summary>The text of a file, with <c>%name%</c> replaced.</summary>
    public string Read(string file, IReadOnlyDictionary<string, string>? tokens = null)
    {
        using var stream = assembly.GetManifestResourceStream($"{folder}/{file}")
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no embedded file {folder}/{file}.");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd().ReplaceLineEndings("\n");
        return tokens is null ? text : Token().Replace(text, match =>
            tokens.TryGetValue(match.Groups[1].Value, out var value) ? value.TrimEnd('\n') : match.Value);
    }

    [GeneratedRegex("%([A-Za-z]+)%")]
    private static partial Regex Token();
}
