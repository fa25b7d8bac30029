using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace SdAspire.WebUi.Limits;

/// <summary>Unicode's canonical decompositions: a letter, and then its accents.</summary>
internal static class CanonicalForms
{
    // No character below it has one.
    private const int First = 0xC0;

    // Hangul syllables are decomposed by arithmetic (the Unicode Standard, 3.12).
    private const int Syllables = 0xAC00;
    private const int Leads = 0x1100;
    private const int Vowels = 0x1161;
    private const int Tails = 0x11A7;
    private const int TailCount = 28;
    private const int VowelCount = 21;
    private const int SyllableCount = 19 * VowelCount * TailCount;

    private static readonly Lazy<FrozenDictionary<int, int[]>> Parts = new(Read);

    public static IEnumerable<Rune> Decompose(Rune rune)
    {
        if (rune.Value < First)
            return [rune];
        if (rune.Value - Syllables is >= 0 and < SyllableCount and var syllable)
        {
            var (lead, vowel, tail) = (syllable / TailCount / VowelCount, syllable / TailCount % VowelCount, syllable % TailCount);
            return tail == 0
                ? [new Rune(Leads + lead), new Rune(Vowels + vowel)]
                : [new Rune(Leads + lead), new Rune(Vowels + vowel), new Rune(Tails + tail)];
        }
        return Parts.Value.TryGetValue(rune.Value, out var parts) ? parts.Select(part => new Rune(part)).SelectMany(Decompose) : [rune];
    }

    private static FrozenDictionary<int, int[]> Read()
    {
        using var stream = typeof(CanonicalForms).Assembly.GetManifestResourceStream("CanonicalForms.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n')
            .Select(line => line.Split(' '))
            .Where(fields => fields[0] == "d")
            .ToFrozenDictionary(fields => Hex(fields[1]), fields => fields[2..].Where(field => field != "x").Select(Hex).ToArray());
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
