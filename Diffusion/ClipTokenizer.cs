using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;

namespace SdAspire.Diffusion;

/// <summary>CLIP's byte-pair tokenizer, read from the tokenizer folder of a diffusers model.</summary>
public sealed class ClipTokenizer
{
    const int UsualMaxLength = 77;
    const int MaxCachedWords = 10_000;

    readonly Dictionary<string, int> _ids;
    readonly BytePairMerges _merges;
    readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    readonly string[] _specials;
    readonly string[] _ends;
    readonly int _unknown;

    ClipTokenizer(
        Dictionary<string, int> ids, BytePairMerges merges, TokenizerSettings settings, int bos, int eos, int pad, int unknown)
    {
        _ids = ids;
        _merges = merges;
        _unknown = unknown;
        _ends = [.. new[] { settings.Bos, settings.Eos }.Distinct()];
        // SD 2 and SDXL fill with "!": there it is a token by itself, wherever a text has it.
        _specials = [.. new[] { settings.Bos, settings.Eos, settings.Unknown, settings.Pad }.Distinct()];
        (BosId, EosId, PadId, MaxLength) = (bos, eos, pad, settings.MaxLength);
    }

    /// <summary>Length of every encoded prompt, start and end included.</summary>
    public int MaxLength { get; }

    /// <summary>The start token.</summary>
    public int BosId { get; }

    /// <summary>The end token.</summary>
    public int EosId { get; }

    /// <summary>What fills a short prompt.</summary>
    public int PadId { get; }

    /// <summary>How many tokens the vocabulary has.</summary>
    public int VocabularySize => _ids.Count;

    /// <summary>Reads vocab.json, merges.txt, tokenizer_config.json and special_tokens_map.json.</summary>
    /// <exception cref="ModelException">A file is missing or does not hold what it should.</exception>
    public static ClipTokenizer FromDirectory(string directory)
    {
        var vocabularyPath = Path.Combine(directory, "vocab.json");
        var ids = ReadVocabulary(vocabularyPath);
        var merges = BytePairMerges.Read(Path.Combine(directory, "merges.txt"));
        var settings = TokenizerSettings.Read(directory, UsualMaxLength);
        return new ClipTokenizer(
            ids, merges, settings, Id(settings.Bos), Id(settings.Eos), Id(settings.Pad), Id(settings.Unknown));

        int Id(string token) => ids.TryGetValue(token, out var id)
            ? id
            : throw new ModelException($"{vocabularyPath}: no token \"{token}\", which the tokenizer's settings name.");
    }

    /// <summary>
    /// The tokenizer of OpenAI's CLIP, which all published models of the family have; single-file checkpoints hold none.
    /// </summary>
    /// <param name="padsWithEnd">SD 1 and the first encoder of SDXL fill with the end token, OpenCLIP's with "!".</param>
    public static ClipTokenizer OpenAI(bool padsWithEnd)
    {
        const string name = "ClipMerges.txt.gz";
        using var resource = typeof(ClipTokenizer).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing.");
        using var reader = new StreamReader(new GZipStream(resource, CompressionMode.Decompress));
        var merges = BytePairMerges.Parse(reader.ReadToEnd().Split('\n'), name);
        const string end = TokenizerSettings.End;
        var settings = new TokenizerSettings(TokenizerSettings.Start, end, padsWithEnd ? end : "!", end, UsualMaxLength);
        // The vocabulary follows from the merges: single bytes, the same at the end of a word, what each merge makes, specials.
        var tokens = ClipText.OrderedAlphabet
            .Concat(ClipText.OrderedAlphabet.Select(symbol => symbol + ClipText.EndOfWord))
            .Concat(merges.InOrder.Select(merge => merge.Left + merge.Right))
            .Concat([settings.Bos, settings.Eos]);
        var ids = tokens.Select((token, id) => (token, id)).ToDictionary(one => one.token, one => one.id, StringComparer.Ordinal);
        return new ClipTokenizer(
            ids, merges, settings, ids[settings.Bos], ids[settings.Eos], ids[settings.Pad], ids[settings.Unknown]);
    }

    /// <summary>Start token, the text's tokens, end token; not cut.</summary>
    public IReadOnlyList<int> Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [BosId, .. Words(text).SelectMany(word => word.Tokens), EosId];
    }

    /// <summary>The words that <see cref="Encode"/> cuts off, from the first that does not fit; null if all fit.</summary>
    public string? CutFrom(string text)
    {
        var left = MaxLength - 2;
        var cut = Words(text).SkipWhile(word => (left -= word.Tokens.Length) >= 0).Select(word => word.Text).ToList();
        return cut.Count == 0 ? null : string.Join(' ', cut);
    }

    /// <summary>Exactly <see cref="MaxLength"/> tokens: cut before the end token, or filled with the pad token.</summary>
    public int[] Encode(string text)
    {
        var tokens = Tokenize(text);
        var encoded = new int[MaxLength];
        if (tokens.Count >= MaxLength)
        {
            for (var i = 0; i < MaxLength - 1; i++)
                encoded[i] = tokens[i];
            encoded[^1] = EosId;
            return encoded;
        }
        for (var i = 0; i < MaxLength; i++)
            encoded[i] = i < tokens.Count ? tokens[i] : PadId;
        return encoded;
    }

    IEnumerable<(string Text, int[] Tokens)> Words(string text)
    {
        foreach (var (segment, special) in SplitSpecials(text))
        {
            if (special)
            {
                yield return (segment, [_ids[segment]]);
                continue;
            }
            foreach (var word in ClipText.Words(ClipText.Clean(segment), _ends))
                yield return (word, Word(word));
        }
    }

    // Special tokens are recognised as written, before anything is lower-cased or cleaned.
    IEnumerable<(string Segment, bool Special)> SplitSpecials(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length;)
        {
            var special = Array.Find(_specials, s => text.AsSpan(i).StartsWith(s, StringComparison.Ordinal));
            if (special is null)
            {
                i++;
                continue;
            }
            if (i > start)
                yield return (text[start..i], false);
            yield return (special, true);
            i += special.Length;
            start = i;
        }
        if (start < text.Length)
            yield return (text[start..], false);
    }

    int[] Word(string word)
    {
        if (_cache.TryGetValue(word, out var known))
            return known;
        var ids = Array.IndexOf(_ends, word) >= 0
            ? [_ids[word]]
            : _merges.Apply(word).Select(token => _ids.GetValueOrDefault(token, _unknown)).ToArray();
        if (_cache.Count < MaxCachedWords)
            _cache.TryAdd(word, ids);
        return ids;
    }

    static Dictionary<string, int> ReadVocabulary(string path)
    {
        try
        {
            var ids = JsonSerializer.Deserialize(ReadFile(path), TokenizerJson.Default.DictionaryStringInt32);
            return ids is { Count: > 0 } && ids.Values.Min() >= 0
                ? ids
                : throw new ModelException($"{path}: the vocabulary is empty, or a token's number is negative.");
        }
        catch (JsonException fault)
        {
            throw new ModelException($"{path}: not a vocabulary (token to number): {OneLine(fault)}", fault);
        }
    }

    internal static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(
                fault is FileNotFoundException or DirectoryNotFoundException ? $"{path}: missing." : $"{path}: not readable ({OneLine(fault)})", fault);
        }
    }

    internal static string OneLine(Exception fault) => fault.Message.ReplaceLineEndings(" ");
}
