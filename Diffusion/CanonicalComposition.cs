using System.Globalization;
using System.Reflection;
using System.Text;

namespace SdAspire.Diffusion;

/// <summary>
/// Unicode's normalisation form C (UAX #15). The runtime leaves text as it is in invariant-globalization mode, and ICU is
/// not on every machine, but the tokenizer must take "e" + combining accent for "é" everywhere.
/// </summary>
internal static class CanonicalComposition
{
    // Hangul syllables are composed by arithmetic (the Unicode Standard, 3.12).
    const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    const int LeadCount = 19, VowelCount = 21, TailCount = 28, SyllableCount = LeadCount * VowelCount * TailCount;

    // No character below it changes, nor combines with one below it.
    const int FirstAffected = 0x300;

    static readonly Lazy<Tables> Data = new(Tables.Read);

    /// <summary>The text in normalisation form C.</summary>
    public static string Compose(string text)
    {
        if (text.All(c => c < FirstAffected))
            return text;
        var data = Data.Value;
        var codes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, data, codes);
        Reorder(codes, data);
        Recompose(codes, data);

        var composed = new StringBuilder(codes.Count);
        foreach (var code in codes)
            composed.Append(new Rune(code).ToString());
        return composed.ToString();
    }

    static void Decompose(int code, Tables data, List<int> into)
    {
        var syllable = code - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            into.Add(LeadBase + syllable / (VowelCount * TailCount));
            into.Add(VowelBase + syllable % (VowelCount * TailCount) / TailCount);
            if (syllable % TailCount is > 0 and var tail)
                into.Add(TailBase + tail);
        }
        else if (data.Decompositions.TryGetValue(code, out var parts))
        {
            Decompose(parts.First, data, into);
            if (parts.Second != 0)
                Decompose(parts.Second, data, into);
        }
        else
        {
            into.Add(code);
        }
    }

    // A stable insertion sort of each run of marks by combining class.
    static void Reorder(List<int> codes, Tables data)
    {
        for (var i = 1; i < codes.Count; i++)
        {
            var markClass = data.Class(codes[i]);
            for (var j = i; markClass != 0 && j > 0 && data.Class(codes[j - 1]) > markClass; j--)
                (codes[j - 1], codes[j]) = (codes[j], codes[j - 1]);
        }
    }

    static void Recompose(List<int> codes, Tables data)
    {
        var starter = -1;
        var lastClass = 0;
        var kept = 0;
        for (var i = 0; i < codes.Count; i++)
        {
            var code = codes[i];
            var markClass = data.Class(code);
            // A mark is blocked from its starter by a kept one of the same or a higher class between them.
            var reachable = starter >= 0 && (kept - 1 == starter || (lastClass != 0 && lastClass < markClass));
            if (reachable && Pair(codes[starter], code, data) is { } pair)
            {
                codes[starter] = pair;
                continue;
            }
            if (markClass == 0)
                starter = kept;
            lastClass = markClass;
            codes[kept++] = code;
        }
        codes.RemoveRange(kept, codes.Count - kept);
    }

    static int? Pair(int first, int second, Tables data)
    {
        int lead = first - LeadBase, vowel = second - VowelBase, tail = second - TailBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
            return SyllableBase + (lead * VowelCount + vowel) * TailCount;
        if (first - SyllableBase is >= 0 and < SyllableCount and var syllable && syllable % TailCount == 0 && tail is > 0 and < TailCount)
            return first + tail;
        return data.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    sealed record Tables(
        Dictionary<int, (int First, int Second)> Decompositions, Dictionary<(int First, int Second), int> Compositions, Dictionary<int, int> Classes)
    {
        public int Class(int code) => Classes.GetValueOrDefault(code);

        public static Tables Read()
        {
            var tables = new Tables([], [], []);
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("CanonicalForms.txt")!;
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line)
            {
                var fields = line.Split(' ');
                if (fields[0] == "d")
                    tables.AddDecomposition(fields);
                else if (fields[0] == "c")
                    for (var code = Hex(fields[2]); code <= Hex(fields[3]); code++)
                        tables.Classes[code] = int.Parse(fields[1], CultureInfo.InvariantCulture);
            }
            return tables;
        }

        void AddDecomposition(string[] fields)
        {
            var (code, first, second) = (Hex(fields[1]), Hex(fields[2]), fields.Length > 3 ? Hex(fields[3]) : 0);
            Decompositions[code] = (first, second);
            if (fields.Length == 4)
                Compositions[(first, second)] = code;
        }

        static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
