using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Diffusion.Tests;

/// <summary>Each network of tiny-sd15 alone against the reference libraries.</summary>
public class ComponentTests
{
    const double Tolerance = 1e-4;
    const double TextTolerance = 1e-5;

    static readonly ModelDirectory Model = new(Fixtures.At("models", "tiny-sd15"));

    static GoldenTensors Golden(string file) => new(Fixtures.At("components", "tiny-sd15", file + ".safetensors"));

    [Theory, InlineData(""), InlineData("short.")]
    public void Text_encoder_gives_the_reference_states(string prefix)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var golden = Golden("text_encoder");
        using var encoder = new ClipTextModel(Model.TextEncoder);
        WeightLoader.Load(encoder, Model.TextEncoderWeights);

        var output = encoder.call(golden[prefix + "input_ids"]);

        golden.ShouldMatch(prefix + "last_hidden_state", output.LastHiddenState, TextTolerance);
        golden.ShouldMatch(prefix + "pooler_output", output.PoolerOutput, TextTolerance);
        golden.ShouldMatch(prefix + "penultimate_final_norm", encoder.FinalLayerNorm(output.HiddenStates[^2]), TextTolerance);
        output.HiddenStates.Count.ShouldBe(Model.TextEncoder.NumHiddenLayers + 1);
        for (var i = 0; i < output.HiddenStates.Count; i++)
        {
            golden.ShouldMatch($"{prefix}hidden_states.{i}", output.HiddenStates[i], TextTolerance);
        }
    }

    [Theory, InlineData("unet", "a."), InlineData("unet", "b."), InlineData("unet", "c."), InlineData("unet", "d."), InlineData("unet", "e."), InlineData("unet_odd_size", "")]
    public void UNet_gives_the_reference_prediction(string file, string prefix)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var golden = Golden(file);
        using var unet = LoadUNet();

        var output = unet.call(golden[prefix + "sample"], golden[prefix + "timestep"], golden[prefix + "encoder_hidden_states"]);

        golden.ShouldMatch(prefix + "out", output, Tolerance);
    }

    [Fact]
    public void UNet_matches_the_reference_inside_too()
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var golden = Golden("unet");
        using var unet = LoadUNet();
        var modules = unet.named_modules().ToDictionary(m => m.name, m => m.module);
        var seen = new List<string>();
        foreach (var (name, module) in modules)
        {
            Observe(name, module);
        }

        unet.call(golden["d.sample"], golden["d.timestep"], golden["d.encoder_hidden_states"]);

        // Blocks that also hand out skips are no plain modules here; the prediction as a whole covers them.
        var observable = golden.Names.Where(n => n.StartsWith("d.mid.", StringComparison.Ordinal))
            .Select(n => n["d.mid.".Length..]).Where(n => !IsBlockOfTheWay(n)).ToList();
        seen.ShouldBe(observable, ignoreOrder: true);

        static bool IsBlockOfTheWay(string name) => name.Split('.') is ["down_blocks" or "up_blocks", _] or ["down_blocks", _, ['r', 'e', 's', >= '0' and <= '9', ..]];

        void Observe(string name, nn.Module module)
        {
            if (!golden.Has("d.mid." + name))
            {
                return;
            }
            switch (module)
            {
                case nn.Module<Tensor, Tensor> m:
                    m.register_forward_hook((_, _, result) => Check(name, result));
                    break;
                case nn.Module<Tensor, Tensor, Tensor> m:
                    m.register_forward_hook((_, _, _, result) => Check(name, result));
                    break;
                case nn.Module<Tensor, Tensor, Tensor, Tensor> m:
                    m.register_forward_hook((_, _, _, _, result) => Check(name, result));
                    break;
            }
        }

        Tensor Check(string name, Tensor result)
        {
            seen.Add(name);
            golden.ShouldMatch("d.mid." + name, result, Tolerance);
            return result;
        }
    }

    [Theory, InlineData("a."), InlineData("b.")]
    public void Autoencoder_decodes_and_encodes_as_the_reference(string prefix)
    {
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        using var golden = Golden("vae");
        using var vae = new AutoencoderKL(Model.Vae);
        WeightLoader.Load(vae, Model.VaeWeights);

        golden.ShouldMatch(prefix + "decoded", vae.Decode(golden[prefix + "latents"]), Tolerance);

        var distribution = vae.Encode(golden[prefix + "image"]);
        golden.ShouldMatch(prefix + "encode_mean", distribution.Mean, Tolerance);
        golden.ShouldMatch(prefix + "encode_mode", distribution.Mean, Tolerance);
        golden.ShouldMatch(prefix + "encode_logvar", distribution.LogVariance, Tolerance);
        golden.ShouldMatch(prefix + "encode_std", (distribution.LogVariance * 0.5).exp(), Tolerance);
    }

    [Fact]
    public void Networks_are_safe_for_autograd()
    {
        using var scope = NewDisposeScope();
        using var unet = LoadUNet();
        using var vae = new AutoencoderKL(Model.Vae);
        using var encoder = new ClipTextModel(Model.TextEncoder);

        var text = encoder.call(randint(0, 1000, [1, 8], ScalarType.Int64)).LastHiddenState;
        var latents = vae.Encode(rand(1, 3, 64, 64)).Mean;
        vae.Decode(unet.call(latents, tensor(new[] { 500f }), text)).square().mean().backward();

        foreach (var (name, parameter) in unet.named_parameters().Concat(encoder.named_parameters()))
        {
            parameter.grad.ShouldNotBeNull(name);
        }
    }

    static UNet2DConditionModel LoadUNet()
    {
        var unet = new UNet2DConditionModel(Model.UNet);
        WeightLoader.Load(unet, Model.UNetWeights);
        return unet;
    }
}
