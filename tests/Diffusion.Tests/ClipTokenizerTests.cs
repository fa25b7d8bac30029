using System.Buffers.Binary;
using System.Text.Json;

namespace SdAspire.Diffusion.Tests;

public sealed class ClipTokenizerTests
{
    static readonly string[] Variants = ["slow_with_ftfy", "rust_fast", "openai_simple"];

    public static TheoryData<int, string> Prompts()
    {
        var data = new TheoryData<int, string>();
        var prompts = Golden();
        for (var i = 0; i < prompts.GetArrayLength(); i++)
            data.Add(i, Readable(prompts[i].GetProperty("text").GetString()!));
        return data;
    }

    [Theory]
    [MemberData(nameof(Prompts))]
    public void Full_vocabulary_gives_the_reference_tokens(int index, string prompt)
    {
        var tokenizer = FullTokenizer.Value;
        var golden = Golden()[index];
        var text = golden.GetProperty("text").GetString()!;
        var reference = Ints(golden.GetProperty("ids"));
        var agree = golden.GetProperty("agree").EnumerateObject().All(one => one.Value.GetBoolean());
        int[][] accepted = agree
            ? [reference]
            : [reference, .. Variants.Where(name => golden.TryGetProperty(name, out _)).Select(name => Ints(golden.GetProperty(name)))];

        var tokens = tokenizer.Tokenize(text);

        accepted.ShouldContain(one => one.SequenceEqual(tokens), $"{prompt}: got {string.Join(' ', tokens)}");
        var padded = tokenizer.Encode(text);
        padded.Length.ShouldBe(77);
        if (tokens.SequenceEqual(reference))
            padded.ShouldBe(Ints(golden.GetProperty("ids_padded_77")));
    }

    [Fact]
    public void The_built_in_vocabulary_is_that_of_the_published_files()
    {
        Assert.SkipUnless(
            Fixtures.Has("tokenizer", "clip-full", "vocab.json"), "the full CLIP vocabulary is not in this fixture tree: set SD_FIXTURES to one that has it");
        var published = ClipTokenizer.FromDirectory(Fixtures.At("tokenizer", "clip-full"));

        FullTokenizer.Value.VocabularySize.ShouldBe(published.VocabularySize);
        (FullTokenizer.Value.PadId, ClipTokenizer.OpenAI(padsWithEnd: false).PadId).ShouldBe((published.PadId, 0));
        foreach (var golden in Golden().EnumerateArray())
        {
            var text = golden.GetProperty("text").GetString()!;
            FullTokenizer.Value.Encode(text).ShouldBe(published.Encode(text), text);
        }
    }

    public static IEnumerable<TheoryDataRow<string, string>> Encoders() =>
        from model in Directory.EnumerateDirectories(Fixtures.At("components"))
        from encoder in Directory.EnumerateFiles(model, "text_encoder*.safetensors")
        select new TheoryDataRow<string, string>(Path.GetFileName(model), Path.GetFileNameWithoutExtension(encoder));

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Small_vocabulary_gives_the_ids_the_text_encoder_was_run_with(string model, string encoder)
    {
        var tokenizer = ClipTokenizer.FromDirectory(Fixtures.At("models", model, encoder.Replace("text_encoder", "tokenizer")));
        var prompts = Fixtures.Json("components", model, encoder + ".json").GetProperty("prompts");
        var expected = InputIds(Fixtures.At("components", model, encoder + ".safetensors"), tokenizer.MaxLength);

        expected.Length.ShouldBe(prompts.GetArrayLength());
        for (var i = 0; i < expected.Length; i++)
            tokenizer.Encode(prompts[i].GetString()!).ShouldBe(expected[i]);
    }

    [Fact]
    public void Long_prompt_is_cut_before_the_end_token()
    {
        var tokenizer = ClipTokenizer.FromDirectory(Fixtures.At("models", "tiny-sd15", "tokenizer"));
        var text = string.Concat(Enumerable.Repeat("the cat ", 60));
        var all = tokenizer.Tokenize(text);

        var cut = tokenizer.Encode(text);

        all.Count.ShouldBeGreaterThan(tokenizer.MaxLength);
        cut[..^1].ShouldBe(all.Take(tokenizer.MaxLength - 1));
        cut[^1].ShouldBe(tokenizer.EosId);
    }

    [Fact]
    public void Letters_beyond_the_basic_plane_are_words_apart_from_symbols()
    {
        // Mathematical bold letters: one word of letters, then a run of symbols.
        ClipText.Words(ClipText.Clean("𝐇𝐢!𝟙"), []).ShouldBe(["𝐇𝐢", "!", "𝟙"]);
    }

    [Theory]
    [InlineData("vocab.json", null, "missing")]
    [InlineData("merges.txt", null, "missing")]
    [InlineData("tokenizer_config.json", null, "missing")]
    [InlineData("special_tokens_map.json", null, "missing")]
    [InlineData("vocab.json", "{\"a\": ", "not a vocabulary")]
    [InlineData("vocab.json", "{\"a\": 0}", "no token")]
    [InlineData("merges.txt", "#version: 0.2\ni n\nthe\n", "line 3")]
    [InlineData("tokenizer_config.json", "[]", "not a JSON object")]
    public void Fault_is_one_line_that_names_the_file(string file, string? content, string reason)
    {
        var directory = Directory.CreateTempSubdirectory("clip-tokenizer-");
        try
        {
            foreach (var source in Directory.GetFiles(Fixtures.At("models", "tiny-sd15", "tokenizer")))
                File.Copy(source, Path.Combine(directory.FullName, Path.GetFileName(source)));
            var broken = Path.Combine(directory.FullName, file);
            File.Delete(broken);
            if (content is not null)
                File.WriteAllText(broken, content);

            var fault = Should.Throw<ModelException>(() => ClipTokenizer.FromDirectory(directory.FullName));

            fault.Message.ShouldContain(broken);
            fault.Message.ShouldContain(reason);
            fault.Message.ShouldNotContain("\n");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    static readonly Lazy<ClipTokenizer> FullTokenizer = new(() => ClipTokenizer.OpenAI(padsWithEnd: true));

    static readonly Lazy<JsonElement> Prompt68 = new(() => Fixtures.Json("tokenizer", "clip-full-prompts.json").GetProperty("prompts"));

    static JsonElement Golden() => Prompt68.Value;

    static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetInt32())];

    // Test names go into reports that cannot hold control characters.
    static string Readable(string text) => string.Concat(text.Where(c => !char.IsControl(c) && c != '\uFEFF')).Trim() is var clean && clean.Length > 60
        ? clean[..60]
        : clean;

    // Read here and not by the engine's own reader, so that neither can hide the other's fault.
    static int[][] InputIds(string path, int length)
    {
        var file = File.ReadAllBytes(path);
        var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        var tensor = header.RootElement.GetProperty("input_ids");
        tensor.GetProperty("dtype").GetString().ShouldBe("I64");
        var offsets = Ints(tensor.GetProperty("data_offsets"));
        var rows = Ints(tensor.GetProperty("shape"))[0];
        var data = file.AsSpan(8 + headerLength + offsets[0], offsets[1] - offsets[0]);
        var ids = new int[rows][];
        for (var row = 0; row < rows; row++)
        {
            ids[row] = new int[length];
            for (var i = 0; i < length; i++)
                ids[row][i] = (int)BinaryPrimitives.ReadInt64LittleEndian(data[((row * length + i) * 8)..]);
        }
        return ids;
    }
}
