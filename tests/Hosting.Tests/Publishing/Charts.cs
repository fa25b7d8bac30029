using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SdAspire.Hosting.Tests.Publishing;

/// <summary>Charts as what they say, whatever the order of keys and the quotes.</summary>
static partial class Charts
{
    /// <summary>The chart that Aspire itself published of one of the models of the sample AppHost.</summary>
    public static string Aspires(string model) => Path.Combine(Repository.Root, "tests", "Hosting.Tests", "Charts", model);

    /// <summary>Every file of a chart, by its path.</summary>
    public static IReadOnlyDictionary<string, string> Read(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), Normalize);

    private static string Normalize(string file)
    {
        var text = File.ReadAllText(file);
        // With control structures it is no YAML before it is rendered; then it is our own text, not a serializer's.
        if (Control().IsMatch(text)) return text;
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return string.Join("\n---\n", stream.Documents.Select(d => Describe(d.RootNode)));
    }

    private static string Describe(YamlNode node) => node switch
    {
        YamlMappingNode mapping =>
            $"{{{string.Join(", ", mapping.Select(pair => $"{Describe(pair.Key)}: {Describe(pair.Value)}").Order())}}}",
        YamlSequenceNode sequence => $"[{string.Join(", ", sequence.Select(Describe))}]",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when NotText().IsMatch(scalar.Value!) => scalar.Value!,
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => throw new InvalidOperationException(node.NodeType.ToString()),
    };

    [GeneratedRegex(@"^\s*\{\{- ", RegexOptions.Multiline)]
    private static partial Regex Control();

    [GeneratedRegex(@"^(|~|null|true|false|[-+]?[0-9]+(\.[0-9]*)?)$")]
    private static partial Regex NotText();
}
