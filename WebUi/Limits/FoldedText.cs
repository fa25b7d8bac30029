using System.Globalization;
using System.Text;

namespace SdAspire.WebUi.Limits;

/// <summary>
/// Text as one reads it: without case, accents and what cannot be seen, and with letters of one look being one letter. By tables of
/// its own, because the runtime normalizes nothing where it does without the data of the system.
/// </summary>
internal static class FoldedText
{
    private const int FullWidth = 0xFF01;
    private const int FullWidthEnd = 0xFF5E;
    private const int FullWidthOffset = FullWidth - '!';
    private const int MathLetters = 0x1D400;
    private const int MathLettersEnd = 0x1D6A3;
    private const int MathDigits = 0x1D7CE;
    private const int MathDigitsEnd = 0x1D7FF;
    private const int CircledLetters = 0x24B6;
    private const int CircledLettersEnd = 0x24E9;

    // Marks of these scripts are sounds, those of others are accents and points.
    private const int FirstSound = 0x900;
    private const int LastSound = 0x1AAF;
    private const int VoicedKana = 0x3099;
    private const int SemiVoicedKana = 0x309A;

    // After the first of each come those that are read as it, of the Latin, Cyrillic and Greek alphabets; accents are gone by then.
    private static readonly Dictionary<Rune, char> Looks = ((string[])
    [
        "aаαª", "bƀɓвβь", "cсϲ", "dđԁ", "eеєε", "fƒ", "gɡ", "hħһнη", "iıіι", "jјϳ", "kĸкκ", "lŀłӏ", "mмμ", "nŉŋп", "oøоοºσ", "pрρ",
        "qԛ", "rг", "sѕ", "tŧтτ", "uυ", "vѵν", "wԝω", "xхχ", "yуүγ", "zζ",
    ]).SelectMany(letters => letters.EnumerateRunes().Skip(1).Select(look => (look, letters[0]))).ToDictionary();

    /// <summary>The words: what stands between anything but letters and digits.</summary>
    public static IReadOnlyList<string> WordsOf(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().SelectMany(CanonicalForms.Decompose))
        {
            if (IsUnseen(rune) || Fold(rune, word))
                continue;
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
        if (word.Length > 0)
            words.Add(word.ToString());
        return words;
    }

    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format or UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.NonSpacingMark => !IsSound(rune),
        _ => false,
    };

    private static bool IsSound(Rune rune) =>
        rune.Value is >= FirstSound and <= LastSound or VoicedKana or SemiVoicedKana
        || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpacingCombiningMark;

    private static bool Fold(Rune rune, StringBuilder word)
    {
        var folded = Rune.ToLowerInvariant(Plain(rune));
        switch (folded.Value)
        {
            case 'ß' or 'ẞ':
                word.Append("ss");
                return true;
            case 'æ':
                word.Append("ae");
                return true;
            case 'œ':
                word.Append("oe");
                return true;
        }
        if (Looks.TryGetValue(folded, out var look))
            word.Append(look);
        else if (Rune.IsLetterOrDigit(folded) || IsSound(folded))
            word.Append(folded.ToString());
        else
            return false;
        return true;
    }

    /// <summary>The ASCII character that is written in another way.</summary>
    private static Rune Plain(Rune rune) => rune.Value switch
    {
        >= FullWidth and <= FullWidthEnd => new Rune(rune.Value - FullWidthOffset),
        // Alphabets of 26 capital and 26 small letters, one after another.
        >= MathLetters and <= MathLettersEnd and var letter => Letter((letter - MathLetters) % 52),
        >= MathDigits and <= MathDigitsEnd and var digit => new Rune('0' + (digit - MathDigits) % 10),
        >= CircledLetters and <= CircledLettersEnd and var circled => Letter(circled - CircledLetters),
        _ => rune,
    };

    private static Rune Letter(int n) => new('a' + n % 26);
}
