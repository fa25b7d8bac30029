using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SdAspire.Training.Data;

/// <summary>One emoji of emojibase.</summary>
public sealed record Emoji(string Hexcode, string Label, IReadOnlyList<string>? Tags, int? Group);

/// <summary>One picture that has a label.</summary>
public sealed record LabelledFile(string Hexcode, string Label, IReadOnlyList<string> Tags, string Group, string File);

/// <summary>Which picture file shows what, and which of them may be used.</summary>
public static class EmojiCatalog
{
    // Regional flags are not part of what Microsoft released; symbols are letters and boxes, "component" is skin and hair.
    static readonly HashSet<string> LeftOut = ["component", "symbols", "flags"];

    // Microsoft kept these out of its release as trademarks (Clippy, a games controller, its logo on a laptop); the package has
    // them all the same, and the official names now stand for other drawings.
    // https://medium.com/microsoft-design/designing-in-the-open-source-5c62be73a599
    static readonly HashSet<string> Withheld =
        ["1f4ce", "1f3ae", "1f9d1-200d-1f4bb", "1f468-200d-1f4bb", "1f469-200d-1f4bb"];

    /// <summary>
    /// Pictures of the official set with label, tags and group, in emojibase's order. Only base emoji are listed by
    /// emojibase (variants with a skin tone sit below them), so no variant gets in.
    /// </summary>
    public static IReadOnlyList<LabelledFile> Match(
        IEnumerable<Emoji> emoji,
        IReadOnlyDictionary<int, string> groups,
        IReadOnlyDictionary<string, string> unicodeNames,
        IReadOnlySet<string> official,
        IEnumerable<string> files)
    {
        var byCode = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files.Order(StringComparer.Ordinal))
            byCode.TryAdd(Code(Path.GetFileNameWithoutExtension(file)), file);

        var matched = new List<LabelledFile>();
        foreach (var one in emoji)
        {
            if (one.Group is not { } number || !groups.TryGetValue(number, out var group) || LeftOut.Contains(group))
                continue;
            var code = Code(one.Hexcode);
            if (Withheld.Contains(code) || !byCode.TryGetValue(code, out var file))
                continue;
            if (!official.Contains(Slug(one.Label)) && !(unicodeNames.TryGetValue(one.Hexcode, out var name) && official.Contains(Slug(name))))
                continue;
            matched.Add(new LabelledFile(one.Hexcode, one.Label, one.Tags ?? [], group, file));
        }
        return matched;
    }

    /// <summary>Code points in lower-case hex without the presentation selector, which the two sources set differently.</summary>
    public static string Code(string hexcode) =>
        string.Join('-', hexcode.ToLowerInvariant().Split('-').Where(point => point != "fe0f"));

    /// <summary>A label as icon sets write it: "woman’s hat" becomes "womans-hat", "piñata" "piata".</summary>
    public static string Slug(string label)
    {
        var slug = new StringBuilder(label.Length);
        foreach (var c in label)
        {
            if (c is '\'' or '’' or '.' || (char.IsLetter(c) && !char.IsAscii(c)))
                continue;
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(char.ToLowerInvariant(c));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }
        return slug.ToString().TrimEnd('-');
    }

    /// <summary>Icon names of an Iconify set; its pictures (100 MB of SVG) are skipped over.</summary>
    public static HashSet<string> IconNames(ReadOnlySpan<byte> iconsJson)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(iconsJson);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var lists = reader.ValueTextEquals("icons"u8) || reader.ValueTextEquals("aliases"u8);
            reader.Read();
            if (!lists)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                names.Add(reader.GetString()!);
                reader.Read();
                reader.Skip();
            }
        }
        return names;
    }
}

/// <summary>emojibase's meta/groups.json.</summary>
public sealed record EmojiGroups(Dictionary<int, string> Groups);

/// <summary>The licence fields of a package.json.</summary>
public sealed record PackageDescription(string Name, string Version, string? License);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<Emoji>))]
[JsonSerializable(typeof(EmojiGroups))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(PackageDescription))]
internal sealed partial class EmojiJson : JsonSerializerContext;
