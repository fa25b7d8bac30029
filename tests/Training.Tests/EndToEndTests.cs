using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using SdAspire.Diffusion.Weights;
using SdAspire.Training.Data;

namespace SdAspire.Training.Tests;

/// <summary>A tiny recipe from its data to a model that is evaluated.</summary>
public sealed class EndToEndTests : IDisposable
{
    readonly PreparedData _data = new();
    readonly string _model = Directory.CreateTempSubdirectory("sdaspire-model-").FullName;

    public void Dispose()
    {
        _data.Dispose();
        Directory.Delete(_model, recursive: true);
    }

    [Fact]
    public async Task A_recipe_becomes_a_model_that_says_what_it_knows_and_starts_the_next_one()
    {
        WriteRecipe(_model, steps: 2);
        await TrainAsync(_model);

        var config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(_model, "generation_config.json")))!;
        config["known_words"]!.AsArray().Select(word => (string)word!).ShouldContain("discs");

        var output = Path.Combine(_model, "evaluation");
        await InvokeAsync(EvaluateCommand.Create(), "--model", _model, "--data", _data.Directory, "--out", output, "--steps", "1");
        var report = JsonNode.Parse(File.ReadAllBytes(Path.Combine(output, "evaluation.json")))!;
        ((int)report["seen"]!["count"]!).ShouldBe(3);
        ((double)report["seen"]!["rank5"]!).ShouldBe(1);
        ((int)report["steps"]!).ShouldBe(1);
        report["recombined"]!["captions"]!.AsArray().Count.ShouldBe((int)report["recombined"]!["count"]!);
        File.Exists(Path.Combine(output, "recombined.webp")).ShouldBeTrue();

        // Trained no further, the next one is what its start was.
        var next = Directory.CreateDirectory(Path.Combine(_model, "next")).FullName;
        WriteRecipe(next, steps: 0, start: "..");
        await TrainAsync(next);
        foreach (var part in new[] { "vae", "unet" })
        {
            var file = Path.Combine(part, "diffusion_pytorch_model.fp16.safetensors");
            File.ReadAllBytes(Path.Combine(next, file)).ShouldBe(File.ReadAllBytes(Path.Combine(_model, file)));
        }

        // Trained on alone, the decoder is another one, and the latents are the same.
        var last = Directory.CreateDirectory(Path.Combine(_model, "last")).FullName;
        WriteRecipe(last, steps: 2, start: "..", decoderOnly: true);
        await TrainAsync(last);
        using var before = new SafetensorsFile(Path.Combine(_model, ModelWriter.VaeWeights));
        using var after = new SafetensorsFile(Path.Combine(last, ModelWriter.VaeWeights));
        IsTheSame("decoder.conv_in.weight").ShouldBeFalse();
        var encoder = before.Entries.Keys.Where(name => name.StartsWith("encoder.", StringComparison.Ordinal));
        foreach (var name in encoder.Append("quant_conv.weight"))
            IsTheSame(name).ShouldBeTrue(name);

        bool IsTheSame(string name)
        {
            using var was = before.Read(name);
            using var now = after.Read(name);
            return was.equal(now).all().item<bool>();
        }
    }

    [Fact]
    public void A_batch_of_more_parts_than_pictures_is_refused()
    {
        WriteRecipe(_model, steps: 1);
        File.WriteAllText(Recipe(_model), File.ReadAllText(Recipe(_model)).Replace("\"parts\":2", "\"parts\":3"));

        Should.Throw<TrainingException>(() => Training.Recipe.Load(Recipe(_model))).Message.ShouldContain("part");
    }

    static string Recipe(string model) => Path.Combine(model, "recipe.json");

    Task TrainAsync(string model) => InvokeAsync(
        TrainCommand.Create(), "--recipe", Recipe(model), "--data", _data.Directory, "--work", Path.Combine(model, "work"));

    static async Task InvokeAsync(Command command, params string[] arguments) =>
        (await command.Parse(arguments).InvokeAsync()).ShouldBe(0);

    static void WriteRecipe(string model, int steps, string? start = null, bool decoderOnly = false)
    {
        var shipped = FirstModelTests.Model;
        var recipe = JsonNode.Parse(File.ReadAllBytes(Recipe(shipped)))!;
        if (start is null)
            recipe.AsObject().Remove("start");
        else
            (recipe["start"], recipe["tokenizer"]) = (start, Path.Combine(start, "tokenizer"));
        recipe["scenes"] = JsonNode.Parse("""{"plain":0.2,"background":0.6,"recoloured":0.5,"small":0.1,"two":0.2,"pair":0.3}""");
        (recipe["vae"]!["block_out_channels"], recipe["vae"]!["norm_num_groups"]) = (new JsonArray(4, 4, 4, 4), 2);
        recipe["text_encoder"]!["num_hidden_layers"] = 1;
        recipe["unet"]!["block_out_channels"] = new JsonArray(32, 32);
        recipe["unet"]!["attention_head_dim"] = new JsonArray(1, 1);
        recipe["unet"]!["sample_size"] = 2;
        (recipe["generation"]!["width"], recipe["generation"]!["height"]) = (PreparedData.Size, PreparedData.Size);
        recipe["generation"]!["num_inference_steps"] = 1;
        foreach (var stage in new[] { "train_vae", "train_denoiser" })
            (recipe[stage]!["steps"], recipe[stage]!["batch_size"], recipe[stage]!["tail_steps"]) = (steps, 2, 1);
        recipe["train_vae"]!["decoder_only"] = decoderOnly;
        File.WriteAllText(Recipe(model), recipe.ToJsonString());
        var captions = JsonSerializer.SerializeToUtf8Bytes(PreparedData.Captions, PictureJson.Default.CaptionList);
        File.WriteAllBytes(Path.Combine(model, "captions.json"), captions);
        if (start is not null)
            return;
        var tokenizer = Directory.CreateDirectory(Path.Combine(model, "tokenizer")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(shipped, "tokenizer")))
            File.Copy(file, Path.Combine(tokenizer, Path.GetFileName(file)));
    }
}
