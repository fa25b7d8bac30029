using System.Text.RegularExpressions;
using Aspire.Hosting;

namespace SdAspire.Hosting.Keda.Publishing;

/// <summary>
/// Works on the text of a template as Aspire writes it: block style, two spaces a level, sequences indented. It is no YAML before
/// it is rendered, so no YAML library can read it.
/// </summary>
static partial class TemplateText
{
    /// <summary>The lines below a key, without the key's own and without their indentation.</summary>
    /// <param name="text">The template.</param>
    /// <param name="path">Keys, separated by dots; <c>containers[name]</c> is the item of a sequence with that name.</param>
    public static string Block(string text, string path)
    {
        var lines = Lines(text);
        var block = Find(lines, path);
        return string.Concat(lines[block.Start..block.End].Select(line => line[Math.Min(block.Indent, line.Length)..] + "\n"));
    }

    /// <summary>Adds lines at the end of what is below a key.</summary>
    public static string Append(string text, string path, string addition)
    {
        var lines = Lines(text);
        var block = Find(lines, path);
        lines.InsertRange(block.End, Lines(Indent(addition, block.Indent)));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Adds items to a sequence, which is made if it is not there.</summary>
    public static string AppendItems(string text, string path, string key, string items)
    {
        var lines = Lines(text);
        var block = Find(lines, path);
        var header = new string(' ', block.Indent) + key + ":";
        return lines[block.Start..block.End].Contains(header)
            ? Append(text, $"{path}.{key}", items)
            : Append(text, path, $"{key}:\n{Indent(items, 2)}");
    }

    /// <summary>Takes a key away, and what is below it.</summary>
    public static string Remove(string text, string path)
    {
        var lines = Lines(text);
        var block = Find(lines, path);
        lines.RemoveRange(block.Key, block.End - block.Key);
        return string.Join('\n', lines) + "\n";
    }

    public static string Indent(string text, int spaces) =>
        string.Concat(Lines(text).Select(line => (line.Length == 0 ? "" : new string(' ', spaces) + line) + "\n"));

    /// <summary>Inside of <c>range</c> and <c>with</c> the dot is something else: <c>$</c> is always the chart.</summary>
    public static string FromRoot(string text) =>
        Expression().Replace(text, expression => Root().Replace(expression.Value, "$$.$1"));

    private static List<string> Lines(string text) => [.. text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')];

    private static (int Key, int Start, int End, int Indent) Find(List<string> lines, string path)
    {
        var (key, start, end, indent) = (0, 0, lines.Count, 0);
        foreach (var segment in path.Split('.'))
        {
            var (name, item) = segment.EndsWith(']') ? (segment[..segment.IndexOf('[')], segment[(segment.IndexOf('[') + 1)..^1]) : (segment, null);
            var prefix = new string(' ', indent) + name + ":";
            key = lines.FindIndex(start, end - start, line => line == prefix || line.StartsWith(prefix + " ", StringComparison.Ordinal));
            if (key < 0) throw Missing();
            start = key + 1;
            end = EndOf(start, end, indent + 1);
            indent += 2;
            if (item is null) continue;

            // An item's first line has its dash where the others have two spaces.
            var named = $"name: \"{item}\"";
            key = Enumerable.Range(start, end - start).FirstOrDefault(
                i => lines[i].StartsWith(new string(' ', indent) + "- ", StringComparison.Ordinal)
                    && lines[i..EndOf(i + 1, end, indent + 1)].Any(line => line[Math.Min(indent + 2, line.Length)..] == named),
                -1);
            if (key < 0) throw Missing();
            start = key + 1;
            end = EndOf(start, end, indent + 1);
            indent += 2;
        }
        return (key, start, end, indent);

        int EndOf(int from, int to, int least)
        {
            var i = from;
            while (i < to && (lines[i].Length == 0 || lines[i].StartsWith(new string(' ', least), StringComparison.Ordinal))) i++;
            return i;
        }

        DistributedApplicationException Missing() => new($"The chart has a template without {path}, which is to be added to.");
    }

    [GeneratedRegex(@"\{\{[^}]*\}\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"(?<![\w$.)])\.(Values|Chart|Release|Capabilities)\b")]
    private static partial Regex Root();
}
