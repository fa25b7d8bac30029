using System.Globalization;
using System.Text;

namespace SdAspire.Diffusion;

/// <summary>What CLIP's tokenizer does to a text before byte-pair merging.</summary>
internal static class ClipText
{
    /// <summary>Marks the last symbol of a word.</summary>
    public const string EndOfWord = "</w>";

    static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];
    static readonly string[] Alphabet = BuildAlphabet();

    /// <summary>
    /// The 256 symbols that stand for bytes, by byte: printable Latin-1 stands for itself, the rest moves up to U+0100 and on,
    /// so that no symbol is a space or a control character.
    /// </summary>
    public static IReadOnlyList<string> ByteAlphabet => Alphabet;

    /// <summary>NFC, lower case, single spaces, no control characters, ideographs apart.</summary>
    public static string Clean(string text)
    {
        var spaced = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\t' or '\n' or '\r' || Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune))
                spaced.Append(' ');
            else if (rune.Value == Rune.ReplacementChar.Value || IsOther(rune))
                continue;
            else if (IsIdeograph(rune.Value))
                spaced.Append(' ').Append(rune.ToString()).Append(' ');
            else
                spaced.Append(rune.ToString());
        }

        var clean = new StringBuilder(spaced.Length);
        foreach (var rune in CanonicalComposition.Compose(spaced.ToString()).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                    clean.Append(' ');
            }
            else if (rune.Value == 'İ')
            {
                // The one letter whose full lower case is two code points.
                clean.Append("i\u0307");
            }
            else
            {
                clean.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }
        return clean.ToString().TrimEnd(' ');
    }

    /// <summary>
    /// CLIP's splitting pattern: special tokens, contractions, runs of letters, single digits, runs of anything else.
    /// By runes and not by Regex, which sees UTF-16 units and would take letters beyond the basic plane for symbols.
    /// </summary>
    public static IEnumerable<string> Words(string clean, IReadOnlyList<string> specials)
    {
        for (var at = 0; at < clean.Length;)
        {
            var length = Length(clean.AsSpan(at), specials);
            if (length > 0)
                yield return clean.Substring(at, length);
            at += Math.Max(1, length);
        }
    }

    static int Length(ReadOnlySpan<char> rest, IReadOnlyList<string> specials)
    {
        foreach (var special in specials)
        {
            if (rest.StartsWith(special, StringComparison.Ordinal))
                return special.Length;
        }
        foreach (var contraction in Contractions)
        {
            if (rest.StartsWith(contraction, StringComparison.Ordinal))
                return contraction.Length;
        }
        var first = Kind(rest, out var length);
        if (first is WordKind.Space)
            return 0;
        while (first is not WordKind.Number && length < rest.Length && Kind(rest[length..], out var next) == first)
            length += next;
        return length;
    }

    enum WordKind { Space, Letter, Number, Symbol }

    static WordKind Kind(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out var rune, out length);
        return Rune.IsWhiteSpace(rune) ? WordKind.Space
            : Rune.IsLetter(rune) ? WordKind.Letter
            : Rune.IsNumber(rune) ? WordKind.Number
            : WordKind.Symbol;
    }

    /// <summary>A symbol for each byte, printable ones first, as CLIP's vocabulary counts them.</summary>
    public static IEnumerable<string> OrderedAlphabet => Alphabet.Order(StringComparer.Ordinal);

    /// <summary>The word's UTF-8 bytes as alphabet symbols, the last one marked.</summary>
    public static List<string> ByteSymbols(string word)
    {
        var symbols = new List<string>();
        foreach (var value in Encoding.UTF8.GetBytes(word))
            symbols.Add(Alphabet[value]);
        symbols[^1] += EndOfWord;
        return symbols;
    }

    static string[] BuildAlphabet()
    {
        var alphabet = new string[256];
        var moved = 0;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ');
            alphabet[value] = ((char)(printable ? value : 256 + moved++)).ToString();
        }
        return alphabet;
    }

    // Unicode's "Other" group: controls, format characters such as joiners, surrogates, private use, unassigned.
    static bool IsOther(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    static bool IsIdeograph(int code) => code
        is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
