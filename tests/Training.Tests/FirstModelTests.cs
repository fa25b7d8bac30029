using SdAspire.Diffusion;
using SdAspire.Training.Data;

namespace SdAspire.Training.Tests;

/// <summary>The captions and the tokenizer that the repository carries for its first model.</summary>
public sealed class FirstModelTests
{
    internal static readonly string Model = Path.Combine(Repository(), "models", "fluent-small-64");
    static readonly CaptionList Captions = CaptionList.Load(Path.Combine(Model, "captions.json"));
    static readonly ClipTokenizer Tokenizer = ClipTokenizer.FromDirectory(Path.Combine(Model, "tokenizer"));

    [Fact]
    public void Every_caption_fits_and_differs_from_every_other()
    {
        var seen = new Dictionary<string, string>();
        foreach (var text in Captions.Captions.SelectMany(Captions.Variants))
        {
            Tokenizer.Tokenize(text).Count.ShouldBeLessThanOrEqualTo(Tokenizer.MaxLength);
            seen.TryAdd(string.Join(' ', Tokenizer.Encode(text)), text).ShouldBeTrue(text);
        }
    }

    [Theory]
    [InlineData("red heart", 2)]
    [InlineData("a frog", 2)]
    [InlineData("birthday cake emoji", 3)]
    public void Common_word_is_one_token(string text, int words) => Tokenizer.Tokenize(text).Count.ShouldBe(words + 2);

    [Fact]
    public void Words_outside_the_labels_can_still_be_written()
    {
        var tokens = Tokenizer.Tokenize("Ünïcödé xyzzy 🍎");
        tokens.Count.ShouldBeGreaterThan(5);
        tokens.Skip(1).SkipLast(1).ShouldNotContain(Tokenizer.EosId);
    }

    [Fact]
    public void Cut_vocabulary_gives_the_words_the_tokens_of_the_whole_one()
    {
        // "tiny" stands for the whole: a thousand real tokens, of which a few words need a few.
        var whole = Path.Combine(Repository(), "tests", "fixtures", "models", "tiny-sd15", "tokenizer");
        string[] texts = ["the red heart of a cat", "photo of an apple", "birthday"];
        var directory = Directory.CreateTempSubdirectory("tokenizer-cut-");
        try
        {
            var cut = TokenizerCut.For(BytePairMerges.Read(Path.Combine(whole, "merges.txt")), texts);
            cut.Write(directory.FullName, maxLength: 24);
            var small = ClipTokenizer.FromDirectory(directory.FullName);
            var big = ClipTokenizer.FromDirectory(whole);

            small.VocabularySize.ShouldBe(cut.TokenCount);
            small.VocabularySize.ShouldBeLessThan(big.VocabularySize);
            small.MaxLength.ShouldBe(24);
            foreach (var text in texts)
                Names(directory.FullName, small.Tokenize(text)).ShouldBe(Names(whole, big.Tokenize(text)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    static IEnumerable<string> Names(string directory, IEnumerable<int> ids)
    {
        using var vocabulary = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "vocab.json")));
        var names = vocabulary.RootElement.EnumerateObject().ToDictionary(one => one.Value.GetInt32(), one => one.Name);
        return [.. ids.Select(id => names[id])];
    }

    static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SdAspire.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException("No SdAspire.sln above the tests.");
    }
}
