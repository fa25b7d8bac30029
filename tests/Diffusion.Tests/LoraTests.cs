using System.Globalization;
using System.Text.Json;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SdAspire.Diffusion.Weights;
using SdAspire.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>LoRAs in every naming, against diffusers with PEFT.</summary>
public class LoraTests
{
    const double Tolerance = 2e-4;

    public static IEnumerable<TheoryDataRow<string, string>> Scales() =>
        from lora in Index()
        from scale in lora.GetProperty("checks").EnumerateObject().Select(check => check.Name).Prepend("base")
        select new TheoryDataRow<string, string>(lora.GetProperty("file").GetString()!, scale);

    public static IEnumerable<TheoryDataRow<string>> Runs() =>
        from lora in Index()
        where lora.GetProperty("pipeline").ValueKind == JsonValueKind.Object
        select new TheoryDataRow<string>(lora.GetProperty("file").GetString()!);

    [Theory, MemberData(nameof(Scales))]
    public void Merged_networks_give_what_the_reference_gives(string file, string scale)
    {
        Lora[] loras = scale == "base" ? [] : [new(At(file), double.Parse(scale, CultureInfo.InvariantCulture))];
        ShouldGive(file, loras, scale == "base" ? "base" : $"scale{scale}");
    }

    [Fact]
    public void Several_add_up()
    {
        const string one = "tiny-sd15-kohya.safetensors";
        const string other = "tiny-sd15-peft.safetensors";
        ShouldGive(one, [new(At(one), 0.75), new(At(one), 0.25)], "scale1.0");
        ShouldGive(other, [new(At(one)), new(At(other), 0.5), new(At(one), -1)], "scale0.5");
    }

    [Theory, MemberData(nameof(Runs))]
    public void A_run_with_a_LoRA_ends_where_the_reference_ends(string file)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var lora = Index().Single(l => l.GetProperty("file").GetString() == file);
        var run = lora.GetProperty("pipeline");
        var scale = run.GetProperty("scale").GetDouble();
        using var golden = Golden(file);
        using var pipeline = Load(file, [new(At(file), scale)]);
        var initial = golden["pipeline.initial_latents"];
        var request = new TextToImageRequest
        {
            Prompt = run.GetProperty("prompt").GetString()!,
            NegativePrompt = run.GetProperty("negative_prompt").GetString(),
            GuidanceScale = run.GetProperty("guidance_scale").GetDouble(),
            Steps = run.GetProperty("steps").GetInt32(),
            Seed = 0,
            Width = (int)initial.shape[3] * pipeline.PixelsPerLatent,
            Height = (int)initial.shape[2] * pipeline.PixelsPerLatent,
        };
        var config = ModelFiles.Open(Model(file)).Scheduler with { ClipSample = false };
        using var scheduler = Scheduler.Create(run.GetProperty("scheduler").GetString()!, config);
        using var noise = new SeededNoise(0);

        var latents = pipeline.Denoise(
            initial, pipeline.Encode([request]), scheduler, request.Steps, pipeline.GuidanceOf([request]), noise);

        var expected = string.Create(CultureInfo.InvariantCulture, $"pipeline.final_latents.scale{scale:0.0}");
        golden.ShouldMatchRelative(expected, latents, Tolerance);
    }

    [Fact]
    public void A_LoRA_for_another_model_is_refused_by_name()
    {
        var message = Should.Throw<ModelException>(() => StableDiffusionPipeline.Load(
            Fixtures.At("models", "tiny-sd15"), new LoadOptions { Device = DeviceChoice.Cpu, Loras = [new(At("tiny-sdxl-kohya-sgm.safetensors"))] })).Message;
        message.ShouldContain(At("tiny-sdxl-kohya-sgm.safetensors"));
        message.ShouldMatch("tensors? '.+'");
    }

    [Theory]
    [InlineData("lora_unet_mid_block_attentions_9_proj_in")]
    [InlineData("lora_te2_text_model_encoder_layers_0_mlp_fc1")]
    public void A_layer_that_the_model_lacks_is_named(string module)
    {
        using var folder = new TemporaryFolder();
        var path = folder["more.safetensors"];
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, [new(module + ".lora_down.weight", randn(4, 32)), new(module + ".lora_up.weight", randn(32, 4))]);

        var message = Should.Throw<ModelException>(() => StableDiffusionPipeline.Load(
            Fixtures.At("models", "tiny-sd15"), new LoadOptions { Device = DeviceChoice.Cpu, Loras = [new(path)] })).Message;

        message.ShouldContain(path);
        message.ShouldContain(module);
        message.ShouldContain("belongs to no layer of the model");
    }

    [Theory]
    [InlineData("lora_unet_mid_block_attentions_0_proj_in.hada_w1_a", new long[] { 4, 32 }, "of no supported kind")]
    [InlineData("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", new long[] { 4, 32 }, "lacks its counterpart")]
    [InlineData("unet.mid_block.attentions.9.proj_in.lora_A.weight", new long[] { 4, 32 }, "lacks its counterpart")]
    public void A_file_that_is_no_LoRA_is_refused(string tensor, long[] shape, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = folder["odd.safetensors"];
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, [new(tensor, randn(shape))]);

        var message = Should.Throw<ModelException>(() => new LoraWeights(new(path))).Message;

        message.ShouldContain(path);
        message.ShouldContain(tensor);
        message.ShouldContain(problem);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var folder = new TemporaryFolder();
        var path = folder["wide.safetensors"];
        using var scope = NewDisposeScope();
        const string module = "lora_unet_mid_block_attentions_0_proj_in";
        SafetensorsWriter.Write(path, [new(module + ".lora_down.weight", randn(4, 48)), new(module + ".lora_up.weight", randn(32, 4))]);

        var message = Should.Throw<ModelException>(() => StableDiffusionPipeline.Load(
            Fixtures.At("models", "tiny-sd15"), new LoadOptions { Device = DeviceChoice.Cpu, Loras = [new(path)] })).Message;

        message.ShouldContain(path);
        message.ShouldContain("[4, 48]");
        message.ShouldContain("mid_block.attentions.0.proj_in.weight");
        message.ShouldContain("[32, 32, 1, 1]");
    }

    static void ShouldGive(string file, Lora[] loras, string expected)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var golden = Golden(file);
        using var pipeline = Load(file, loras);
        var added = golden.Has("text_embeds") ? new AddedConditions(golden["text_embeds"], golden["time_ids"]) : null;

        var output = pipeline.UNet.call(golden["sample"], golden["timestep"], golden["encoder_hidden_states"], added);
        var text = pipeline.TextEncoders[0].call(golden["input_ids"]).LastHiddenState;

        golden.ShouldMatch($"unet_out.{expected}", output, Tolerance);
        golden.ShouldMatch($"text_last_hidden_state.{expected}", text, Tolerance);
    }

    static StableDiffusionPipeline Load(string file, IReadOnlyList<Lora> loras) =>
        StableDiffusionPipeline.Load(Model(file), new LoadOptions { Device = DeviceChoice.Cpu, Loras = loras });

    static string Model(string file) =>
        Fixtures.At("models", Index().Single(l => l.GetProperty("file").GetString() == file).GetProperty("base_model").GetString()!);

    static GoldenTensors Golden(string file) => new(At(file.Replace(".safetensors", ".expected.safetensors")));

    static string At(string file) => Fixtures.At("lora", file);

    static IEnumerable<JsonElement> Index() => Fixtures.Json("lora", "index.json").GetProperty("loras").EnumerateArray();
}
