using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SdAspire.Chart.Tests.Helm;

/// <summary>
/// YAML as Helm and Kubernetes read it: YAML 1.1 through JSON, so that every number is a double and <c>on</c> is true.
/// </summary>
static partial class YamlValues
{
    private static readonly HashSet<string> Nulls = ["", "~", "null", "Null", "NULL"];
    private static readonly HashSet<string> Trues =
        ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
    private static readonly HashSet<string> Falses =
        ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];

    public static Dictionary<string, object?> ParseMap(string yaml) => Parse(yaml) switch
    {
        null => [],
        Dictionary<string, object?> map => map,
        _ => throw new TemplateException("The values are no map."),
    };

    public static object? Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Count == 0 ? null : Convert(stream.Documents[0].RootNode);
    }

    public static object? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => map.ToDictionary(p => ((YamlScalarNode)p.Key).Value!, p => Convert(p.Value)),
        YamlSequenceNode list => list.Select(Convert).ToList(),
        YamlScalarNode scalar => Convert(scalar),
        _ => throw new TemplateException($"{node.Start}: unexpected {node.NodeType}"),
    };

    public static object? Convert(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain) return text;
        if (Nulls.Contains(text)) return null;
        if (Trues.Contains(text)) return true;
        if (Falses.Contains(text)) return false;
        if (!StartsAsNumber().IsMatch(text)) return text;
        if (GoValues.ParseInteger(text) is { } integer) return (double)integer;
        return Float().IsMatch(text.Replace("_", "", StringComparison.Ordinal))
            ? double.Parse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)
            : text;
    }

    [GeneratedRegex(@"^[-+.0-9]")]
    private static partial Regex StartsAsNumber();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();

    /// <summary>What several -f and --set make of each other: maps are merged, all else is replaced by the later.</summary>
    public static Dictionary<string, object?> Merge(
        IReadOnlyDictionary<string, object?> earlier, IReadOnlyDictionary<string, object?> later)
    {
        var merged = new Dictionary<string, object?>(earlier);
        foreach (var (key, value) in later)
        {
            merged[key] = value is IReadOnlyDictionary<string, object?> map && merged.GetValueOrDefault(key) is
                IReadOnlyDictionary<string, object?> before ? Merge(before, map) : value;
        }
        return merged;
    }

    /// <summary>What is given over the chart's defaults: a null takes a default away, and a map stays a map.</summary>
    public static Dictionary<string, object?> Coalesce(
        IReadOnlyDictionary<string, object?> defaults, IReadOnlyDictionary<string, object?> given)
    {
        var result = new Dictionary<string, object?>();
        foreach (var (key, value) in defaults)
        {
            if (!given.TryGetValue(key, out var over))
            {
                if (value is IReadOnlyDictionary<string, object?> map) result[key] = Coalesce(map, new Dictionary<string, object?>());
                else if (value is not null) result[key] = value;
            }
            else if (value is IReadOnlyDictionary<string, object?> map && over is IReadOnlyDictionary<string, object?> overMap)
            {
                result[key] = Coalesce(map, overMap);
            }
            else if (over is not null)
            {
                result[key] = over;
            }
        }
        foreach (var (key, value) in given.Where(g => !defaults.ContainsKey(g.Key))) result[key] = value;
        return result;
    }
}
