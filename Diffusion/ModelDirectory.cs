using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;

namespace SdAspire.Diffusion;

/// <summary>A model in diffusers' directory layout: where each part lies, and whether it is whole.</summary>
public sealed class ModelDirectory
{
    readonly string _root;

    /// <summary>Reads every configuration file.</summary>
    /// <exception cref="ModelException">One is missing, malformed or asks for something unsupported.</exception>
    public ModelDirectory(string root)
    {
        _root = root;
        var index = InRoot("model_index.json");
        Index = ConfigFile.Read(index, ModelJson.Default.ModelIndex);
        ConfigFile.Require(Index.ClassName == "StableDiffusionPipeline", index, "_class_name", Index.ClassName);
        ConfigFile.Require(Index.TextEncoder is [_, "CLIPTextModel"], index, "text_encoder", Index.TextEncoder?[^1]);
        ConfigFile.Require(Index.Vae is [_, "AutoencoderKL"], index, "vae", Index.Vae?[^1]);

        TextEncoder = ConfigFile.Read(InRoot("text_encoder", "config.json"), ModelJson.Default.ClipTextConfig);
        UNet = ConfigFile.Read(InRoot("unet", "config.json"), ModelJson.Default.UNet2DConditionConfig);
        UNet.Verify(InRoot("unet", "config.json"));
        Vae = ConfigFile.Read(InRoot("vae", "config.json"), ModelJson.Default.AutoencoderKLConfig);
        foreach (var type in Vae.DownBlockTypes.Concat(Vae.UpBlockTypes))
        {
            ConfigFile.Require(type is "DownEncoderBlock2D" or "UpDecoderBlock2D", InRoot("vae", "config.json"), "block types", type);
        }
        ConfigFile.Require(Vae.ShiftFactor is null, InRoot("vae", "config.json"), "shift_factor", Vae.ShiftFactor);
        Scheduler = ConfigFile.Read(InRoot("scheduler", "scheduler_config.json"), ModelJson.Default.SchedulerConfig);
    }

    public ModelIndex Index { get; }
    public ClipTextConfig TextEncoder { get; }
    public UNet2DConditionConfig UNet { get; }
    public AutoencoderKLConfig Vae { get; }
    public Schedulers.SchedulerConfig Scheduler { get; }

    public string Tokenizer => InRoot("tokenizer");
    public string TextEncoderWeights => WeightLoader.Find(InRoot("text_encoder"), "model");
    public string UNetWeights => WeightLoader.Find(InRoot("unet"), "diffusion_pytorch_model");
    public string VaeWeights => WeightLoader.Find(InRoot("vae"), "diffusion_pytorch_model");

    /// <summary>A cheap check before any work is taken: every file is there, every header fits its file. Loads no weights.</summary>
    /// <exception cref="ModelException">Names the file.</exception>
    public static void Verify(string directory)
    {
        var model = new ModelDirectory(directory);
        ClipTokenizer.FromDirectory(model.Tokenizer);
        SafetensorsFile.Verify(model.TextEncoderWeights);
        SafetensorsFile.Verify(model.UNetWeights);
        SafetensorsFile.Verify(model.VaeWeights);
    }

    string InRoot(params string[] parts) => Path.Combine([_root, .. parts]);
}
