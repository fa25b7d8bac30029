using System.CommandLine;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using static TorchSharp.torch;

namespace SdAspire.Bench.Engine;

/// <summary>
/// Writes a checkpoint of Stable Diffusion 1.5's size with random weights: how long a network takes does not depend on what it
/// has learnt. In a process of its own, whose memory would count otherwise.
/// </summary>
internal static class EngineWeights
{
    public const string Name = "engine-weights";

    public static Command Create()
    {
        var path = new Argument<FileInfo>("path");
        var command = new Command(Name, "Writes the random checkpoint that 'engine' measures.") { path };
        command.Hidden = true;
        command.SetAction(parsed => Write(parsed.GetRequiredValue(path).FullName));
        return command;
    }

    private static void Write(string path)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        UNet2DConditionConfig unet = new() { CrossAttentionDim = 768 };
        AutoencoderKLConfig vae = new()
        {
            DownBlockTypes = [.. Enumerable.Repeat("DownEncoderBlock2D", 4)],
            UpBlockTypes = [.. Enumerable.Repeat("UpDecoderBlock2D", 4)],
            LayersPerBlock = 2,
        };
        ClipTextConfig clip = new()
        {
            HiddenSize = 768, IntermediateSize = 3072, NumHiddenLayers = 12, NumAttentionHeads = 12,
        };
        SafetensorsWriter.Write(
            path,
            [
                .. Named(new UNet2DConditionModel(unet).WithInitialValues(), name => "model.diffusion_model." + LdmNames.UNet(name, unet)),
                .. Named(new AutoencoderKL(vae).WithInitialValues(), name => "first_stage_model." + LdmNames.Autoencoder(name, vae)),
                .. Named(new ClipTextModel(clip).WithInitialValues(), name => "cond_stage_model.transformer." + name),
            ],
            ScalarType.Float16);

        static IEnumerable<KeyValuePair<string, Tensor>> Named(nn.Module module, Func<string, string> name) =>
            module.named_parameters().Select(p => KeyValuePair.Create(name(p.name), (Tensor)p.parameter));
    }
}
