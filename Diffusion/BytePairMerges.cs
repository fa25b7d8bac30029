using System.Text;

namespace SdAspire.Diffusion;

/// <summary>The merges of a byte-pair encoding, best first.</summary>
internal sealed class BytePairMerges
{
    readonly Dictionary<(string Left, string Right), int> _ranks = [];

    /// <summary>Reads merges.txt.</summary>
    public static BytePairMerges Read(string path) => Parse(Encoding.UTF8.GetString(ClipTokenizer.ReadFile(path)).Split('\n'), path);

    /// <summary>One merge a line; the name is for the message of a fault.</summary>
    public static BytePairMerges Parse(IEnumerable<string> lines, string name)
    {
        var merges = new BytePairMerges();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var merge = line.TrimEnd('\r');
            if (merge.Length == 0 || (number == 1 && merge.Contains("#version", StringComparison.Ordinal)))
                continue;
            if (merge.Split(' ') is not [{ Length: > 0 } left, { Length: > 0 } right])
                throw new ModelException($"{name}: line {number} is not two parts separated by a space.");
            merges._ranks.TryAdd((left, right), merges._ranks.Count);
        }
        return merges;
    }

    /// <summary>All merges in their order.</summary>
    public IEnumerable<(string Left, string Right)> InOrder => _ranks.OrderBy(one => one.Value).Select(one => one.Key);

    /// <summary>The word's tokens; the merges that made them are added to <paramref name="used"/>.</summary>
    public List<string> Apply(string word, ISet<(string Left, string Right)>? used = null)
    {
        var parts = ClipText.ByteSymbols(word);
        while (parts.Count > 1)
        {
            (string Left, string Right) best = default;
            var bestRank = int.MaxValue;
            for (var i = 0; i < parts.Count - 1; i++)
            {
                if (_ranks.TryGetValue((parts[i], parts[i + 1]), out var rank) && rank < bestRank)
                    (bestRank, best) = (rank, (parts[i], parts[i + 1]));
            }
            if (bestRank == int.MaxValue)
                break;

            used?.Add(best);
            var merged = new List<string>(parts.Count);
            for (var i = 0; i < parts.Count; i++)
            {
                if (i + 1 < parts.Count && parts[i] == best.Left && parts[i + 1] == best.Right)
                {
                    merged.Add(best.Left + best.Right);
                    i++;
                }
                else
                {
                    merged.Add(parts[i]);
                }
            }
            parts = merged;
        }
        return parts;
    }
}
