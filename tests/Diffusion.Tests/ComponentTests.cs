using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>Each network of each model alone against the reference libraries, inside too where the fixtures look inside.</summary>
public class ComponentTests
{
    const double Tolerance = 1e-4;
    const double TextTolerance = 1e-5;
    const string Inside = ".mid.";

    // The same networks in another format give what their originals give.
    static readonly (string Model, string Golden)[] Formats =
        [("tiny-sd15-legacy-names", "tiny-sd15"), ("tiny-lcm-sharded-unet", "tiny-lcm")];

    public static IEnumerable<TheoryDataRow<string, string, string, string>> TextEncoders() => Cases("text_encoder", "input_ids");

    public static IEnumerable<TheoryDataRow<string, string, string, string>> UNets() => Cases("unet", "sample");

    public static IEnumerable<TheoryDataRow<string, string, string, string>> Autoencoders() => Cases("vae", "latents");

    [Theory, MemberData(nameof(TextEncoders))]
    public void Text_encoder_gives_the_reference_states(string model, string source, string file, string @case)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var golden = Golden(source, file);
        var folder = Fixtures.At("models", model, file);
        using var encoder = new ClipTextModel(ConfigFile.Read(Path.Combine(folder, "config.json"), ModelJson.Default.ClipTextConfig));
        Load(encoder, folder, "model");

        var output = encoder.call(golden[@case + "input_ids"]);

        var results = new Dictionary<string, Tensor>
        {
            ["last_hidden_state"] = output.LastHiddenState,
            ["pooler_output"] = output.PoolerOutput,
            ["penultimate_final_norm"] = encoder.FinalLayerNorm(output.HiddenStates[^2]),
        };
        if (output.TextEmbeds is { } embeds)
        {
            results["text_embeds"] = embeds;
        }
        for (var i = 0; i < output.HiddenStates.Count; i++)
        {
            results[$"hidden_states.{i}"] = output.HiddenStates[i];
        }
        ShouldMatchAll(golden, @case, results, TextTolerance, inputs: ["input_ids"], ["text_embeds", "pooler_output"]);
    }

    [Theory, MemberData(nameof(UNets))]
    public void UNet_gives_the_reference_prediction(string model, string source, string file, string @case)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var golden = Golden(source, file);
        using var unet = LoadUNet(model);
        var observed = Observe(unet, golden, @case, name => ModuleOf(name, unet));

        var output = unet.call(
            golden[@case + "sample"], golden[@case + "timestep"], golden[@case + "encoder_hidden_states"], Added(golden, @case));

        golden.ShouldMatch(@case + "out", output, Tolerance);
        observed.ShouldBe(NamesInside(golden, @case), ignoreOrder: true);
    }

    [Theory, MemberData(nameof(Autoencoders))]
    public void Autoencoder_decodes_and_encodes_as_the_reference(string model, string source, string file, string @case)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var golden = Golden(source, file);
        var tiny = File.Exists(Fixtures.At("models", model, "config.json"));
        var folder = tiny ? Fixtures.At("models", model) : Fixtures.At("models", model, "vae");
        var files = ModelFiles.OpenAutoencoder(folder);
        using nn.Module vae = files.Tiny is not null ? new AutoencoderTiny(files.Tiny) : new AutoencoderKL(files.Large!);
        using var weights = files.Open();
        WeightLoader.Load(vae, weights);
        var observed = Observe(vae, golden, @case, name => name);

        var results = new Dictionary<string, Tensor> { ["decoded"] = ((IAutoencoder)vae).Decode(golden[@case + "latents"]) };
        if (vae is AutoencoderKL large)
        {
            var distribution = large.Encode(golden[@case + "image"]);
            results["encode_mean"] = results["encode_mode"] = distribution.Mean;
            results["encode_logvar"] = distribution.LogVariance;
            results["encode_std"] = (distribution.LogVariance * 0.5).exp();
        }
        else
        {
            results["encode_latents"] = ((AutoencoderTiny)vae).Encode(golden[@case + "image"]);
        }

        ShouldMatchAll(golden, @case, results, Tolerance, inputs: ["latents", "image"]);
        observed.ShouldBe(NamesInside(golden, @case), ignoreOrder: true);
    }

    [Fact]
    public void Networks_are_safe_for_autograd()
    {
        using var scope = NewDisposeScope();
        using var unet = LoadUNet("tiny-sd15");
        var files = ModelFiles.Open(Fixtures.At("models", "tiny-sd15"));
        using var vae = new AutoencoderKL(files.Autoencoder.Large!).WithInitialValues();
        using var encoder = new ClipTextModel(files.TextEncoders[0].Config).WithInitialValues();

        var text = encoder.call(randint(0, 1000, [1, 8], ScalarType.Int64)).LastHiddenState;
        var latents = vae.Encode(rand(1, 3, 64, 64)).Mean;
        vae.Decode(unet.call(latents, tensor(new[] { 500f }), text, null)).square().mean().backward();

        foreach (var (name, parameter) in unet.named_parameters().Concat(encoder.named_parameters()))
        {
            parameter.grad.ShouldNotBeNull(name);
        }
    }

    // A case is what stands before the name of its input: "a." of "a.sample".
    static IEnumerable<TheoryDataRow<string, string, string, string>> Cases(string part, string input)
    {
        var models = Directory.EnumerateDirectories(Fixtures.At("components"))
            .Select(d => (Path.GetFileName(d), Path.GetFileName(d))).Concat(Formats);
        foreach (var (model, source) in models)
        {
            foreach (var path in Directory.EnumerateFiles(Fixtures.At("components", source), part + "*.safetensors"))
            {
                var file = Path.GetFileNameWithoutExtension(path);
                var folder = part == "text_encoder" ? file : part;
                if (!Fixtures.Has("models", model, folder) && !(part == "vae" && Fixtures.Has("models", model, "config.json")))
                {
                    continue;
                }
                using var golden = new GoldenTensors(path);
                foreach (var name in golden.Names.Where(n => n == input || n.EndsWith("." + input, StringComparison.Ordinal)))
                {
                    yield return new(model, source, file, name[..^input.Length]);
                }
            }
        }
    }

    static void ShouldMatchAll(
        GoldenTensors golden, string @case, Dictionary<string, Tensor> results, double tolerance, string[] inputs, string[]? optional = null)
    {
        var names = golden.Names.Where(n => n.StartsWith(@case, StringComparison.Ordinal) && !n.Contains(Inside)).Select(n => n[@case.Length..]);
        // Cases without a prefix share their file with others.
        var expected = names.Where(n => !inputs.Contains(n) && (@case != "" || !n.StartsWith("short.", StringComparison.Ordinal))).ToList();
        results.Keys.Except(optional ?? []).ShouldBe(expected.Except(optional ?? []), ignoreOrder: true);
        foreach (var name in expected)
        {
            golden.ShouldMatch(@case + name, results[name], tolerance);
        }
    }

    static IEnumerable<string> NamesInside(GoldenTensors golden, string @case) => @case == "" ? [] :
        golden.Names.Where(n => n.StartsWith(@case + Inside[1..], StringComparison.Ordinal))
            .Select(n => n[(@case.Length + Inside.Length - 1)..]);

    static List<string> Observe(nn.Module network, GoldenTensors golden, string @case, Func<string, string> moduleOf)
    {
        var seen = new List<string>();
        var modules = network.named_modules().ToDictionary(m => m.name, m => m.module);
        foreach (var name in NamesInside(golden, @case))
        {
            switch (modules[moduleOf(name)])
            {
                case nn.Module<Tensor, Tensor> m:
                    m.register_forward_hook((_, _, result) => Check(name, result));
                    break;
                case TimestepEmbedding m:
                    // One row stands for the whole batch, here of one step.
                    m.register_forward_hook((_, _, _, result) =>
                    {
                        using var expected = golden[@case + Inside[1..] + name];
                        Check(name, result.reshape(-1, result.shape[^1]).expand(expected.shape));
                        return result;
                    });
                    break;
                case nn.Module<Tensor, TimeState?, Tensor> m:
                    m.register_forward_hook((_, _, _, result) => Check(name, result));
                    break;
                case nn.Module<Tensor, TextStates, Tensor> m:
                    m.register_forward_hook((_, _, _, result) => Check(name, result));
                    break;
                case nn.Module<Tensor, TimeState, TextStates, Tensor> m:
                    m.register_forward_hook((_, _, _, _, result) => Check(name, result));
                    break;
                case nn.Module<Tensor, long[], Tensor> m:
                    m.register_forward_hook((_, _, _, result) => Check(name, result));
                    break;
            }
        }
        return seen;

        Tensor Check(string name, Tensor result)
        {
            seen.Add(name);
            golden.ShouldMatch(@case + Inside[1..] + name, result, Tolerance);
            return result;
        }
    }

    // A block of the way gives what its last member gives, a skip what one of them gives.
    static string ModuleOf(string name, nn.Module unet)
    {
        var names = unet.named_modules().Select(m => m.name).ToHashSet();
        return name.Split('.') switch
        {
            ["down_blocks" or "up_blocks", _] => names.Contains($"{name}.downsamplers.0") ? $"{name}.downsamplers.0"
                : names.Contains($"{name}.upsamplers.0") ? $"{name}.upsamplers.0"
                : Layer(name, names.Count(n => n.StartsWith($"{name}.resnets.", StringComparison.Ordinal) && n.Count(c => c == '.') == 3) - 1),
            ["down_blocks", var level, ['r', 'e', 's', .. var skip]] when int.TryParse(skip, out var k) =>
                names.Contains($"down_blocks.{level}.resnets.{k}") ? Layer($"down_blocks.{level}", k) : $"down_blocks.{level}.downsamplers.0",
            _ => name,
        };

        string Layer(string block, int k) => names.Contains($"{block}.attentions.{k}") ? $"{block}.attentions.{k}" : $"{block}.resnets.{k}";
    }

    static AddedConditions? Added(GoldenTensors golden, string @case)
    {
        var added = new AddedConditions(Get("text_embeds"), Get("time_ids"), Get("timestep_cond"));
        return added == new AddedConditions() ? null : added;

        Tensor? Get(string name) => golden.Has(@case + name) ? golden[@case + name] : null;
    }

    static GoldenTensors Golden(string model, string file) => new(Fixtures.At("components", model, file + ".safetensors"));

    static UNet2DConditionModel LoadUNet(string model)
    {
        var folder = Fixtures.At("models", model, "unet");
        var unet = new UNet2DConditionModel(ConfigFile.Read(Path.Combine(folder, "config.json"), ModelJson.Default.UNet2DConditionConfig));
        Load(unet, folder, "diffusion_pytorch_model");
        return unet;
    }

    static void Load(nn.Module module, string folder, string stem)
    {
        using var weights = StateDict.Open(folder, stem);
        WeightLoader.Load(module, weights);
    }
}
