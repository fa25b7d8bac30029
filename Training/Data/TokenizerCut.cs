using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SdAspire.Diffusion;

namespace SdAspire.Training.Data;

/// <summary>
/// A part of CLIP's vocabulary: the byte alphabet and every merge that some words need. These words get the tokens that
/// the whole vocabulary gives them, because a merge that wins among all merges also wins among the kept ones.
/// </summary>
internal sealed class TokenizerCut
{
    const string Start = "<|startoftext|>";
    const string End = "<|endoftext|>";

    // Writes "ð" and "</w>" as they are, as transformers does; the files are never put into a page.
    static readonly TokenizerCutJson Json =
        new(new JsonSerializerOptions(TokenizerCutJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    readonly List<(string Left, string Right)> _merges;

    TokenizerCut(List<(string Left, string Right)> merges) => _merges = merges;

    /// <summary>Tokens in all: bytes, bytes at a word's end, merges, start, end.</summary>
    public int TokenCount => 2 * ClipText.ByteAlphabet.Count + _merges.Count + 2;

    /// <summary>Keeps the merges the texts use.</summary>
    public static TokenizerCut For(BytePairMerges merges, IEnumerable<string> texts)
    {
        var used = new HashSet<(string Left, string Right)>();
        foreach (var word in texts.SelectMany(text => ClipText.Words(ClipText.Clean(text), [])).Distinct(StringComparer.Ordinal))
            merges.Apply(word, used);
        return new TokenizerCut([.. merges.InOrder.Where(used.Contains)]);
    }

    /// <summary>Writes the four files of a tokenizer folder.</summary>
    public void Write(string directory, int maxLength)
    {
        Directory.CreateDirectory(directory);
        var tokens = Tokens().ToList();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in tokens)
            ids.Add(token, ids.Count);

        File.WriteAllText(
            Path.Combine(directory, "merges.txt"),
            "#version: 0.2\n" + string.Concat(_merges.Select(merge => $"{merge.Left} {merge.Right}\n")));
        Save("vocab.json", ids, Json.DictionaryStringInt32);
        var special = new SpecialToken(Start);
        var end = special with { Content = End };
        Save("special_tokens_map.json", new SpecialTokensMap(special, end, End, end), Json.SpecialTokensMap);
        Save(
            "tokenizer_config.json",
            new TokenizerConfig(
                new Dictionary<string, AddedToken> { [$"{ids[Start]}"] = new(Start), [$"{ids[End]}"] = new(End) },
                Start, End, End, End, maxLength),
            Json.TokenizerConfig);

        void Save<T>(string name, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
            File.WriteAllText(Path.Combine(directory, name), JsonSerializer.Serialize(value, type) + "\n");
    }

    IEnumerable<string> Tokens()
    {
        // CLIP numbers the bytes that stand for themselves before those that were moved.
        var bytes = ClipText.ByteAlphabet.OrderBy(symbol => symbol[0]).ToList();
        return bytes
            .Concat(bytes.Select(symbol => symbol + ClipText.EndOfWord))
            .Concat(_merges.Select(merge => merge.Left + merge.Right))
            .Append(Start)
            .Append(End);
    }
}

internal sealed record SpecialToken(
    string Content, bool Lstrip = false, bool Normalized = true, bool Rstrip = false, bool SingleWord = false);

internal sealed record AddedToken(
    string Content, bool Lstrip = false, bool Normalized = true, bool Rstrip = false, bool SingleWord = false, bool Special = true);

internal sealed record SpecialTokensMap(SpecialToken BosToken, SpecialToken EosToken, string PadToken, SpecialToken UnkToken);

internal sealed record TokenizerConfig(
    Dictionary<string, AddedToken> AddedTokensDecoder, string BosToken, string EosToken, string PadToken, string UnkToken,
    int ModelMaxLength, bool CleanUpTokenizationSpaces = true, string Errors = "replace", string TokenizerClass = "CLIPTokenizer");

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Dictionary<string, int>))]
[JsonSerializable(typeof(SpecialTokensMap))]
[JsonSerializable(typeof(TokenizerConfig))]
internal sealed partial class TokenizerCutJson : JsonSerializerContext;
