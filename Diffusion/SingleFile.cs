using System.Text.Json.Serialization.Metadata;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SdAspire.Diffusion.Weights;

namespace SdAspire.Diffusion;

/// <summary>
/// A checkpoint in one file, in the naming of the original code bases. Which family it is shows in its tensors' names, most of
/// the networks' shapes in the tensors' shapes; the rest is the family's. What lies in a folder of the same name beside it
/// (MODEL/ for MODEL.safetensors, in diffusers' layout, any part of it) has the last word.
/// </summary>
static class SingleFile
{
    const string UNetPrefix = "model.diffusion_model.";
    const string VaePrefix = "first_stage_model.";
    const string ClipPrefix = "cond_stage_model.transformer.";
    const string OpenClipPrefix = "cond_stage_model.model.";
    const string FirstOfTwo = "conditioner.embedders.0.transformer.";
    const string SecondOfTwo = "conditioner.embedders.1.model.";

    public static ModelFiles Open(string path)
    {
        using var file = new SafetensorsFile(path);
        var shapes = new CheckpointShapes(file);
        var family = FamilyOf(shapes);
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileNameWithoutExtension(path));

        var encoders = family switch
        {
            Family.SD1 => [Clip("text_encoder", "tokenizer", ClipPrefix)],
            // The layer that SD 2 leaves out is in the file all the same.
            Family.SD2 => [OpenClip("text_encoder", "tokenizer", OpenClipPrefix, layersLeftOut: 1, projects: false)],
            _ => new List<TextEncoderFiles>
            {
                Clip("text_encoder", "tokenizer", FirstOfTwo),
                OpenClip("text_encoder_2", "tokenizer_2", SecondOfTwo, layersLeftOut: 0, projects: true),
            },
        };
        var unet = Beside(["unet", "config.json"], ModelJson.Default.UNet2DConditionConfig)
            ?? shapes.UNet(UNetPrefix, family, encoders[^1].Config.ProjectionDim);
        unet.Verify(Named("unet"));
        var vae = Beside(["vae", "config.json"], ModelJson.Default.AutoencoderKLConfig) ?? shapes.Autoencoder(VaePrefix, family);
        vae.Verify(Named("vae"));
        return new ModelFiles
        {
            Path = path,
            TextEncoders = encoders,
            UNet = unet,
            OpenUNet = () => StateDict.Open(path, name => new(UNetPrefix + LdmNames.UNet(name, unet))),
            Autoencoder = new(vae, null, () => StateDict.Open(path, name => new(VaePrefix + LdmNames.Autoencoder(name, vae)))),
            Scheduler = Beside(["scheduler", "scheduler_config.json"], ModelJson.Default.SchedulerConfig)
                ?? SchedulerOf(family, shapes),
            IsXL = family == Family.SDXL,
            ForceZerosForEmptyPrompt = family == Family.SDXL
                && (Beside(["model_index.json"], ModelJson.Default.ModelIndex)?.ForceZerosForEmptyPrompt ?? true),
        };

        Family FamilyOf(CheckpointShapes shapes) =>
            !shapes.Has(UNetPrefix + "input_blocks.0.0.weight") ? throw new ModelException(
                $"{path}: no checkpoint of a whole model: there is no tensor '{UNetPrefix}input_blocks.0.0.weight'")
            : shapes.HasAny(SecondOfTwo) && shapes.HasAny(FirstOfTwo) ? Family.SDXL
            : shapes.HasAny(OpenClipPrefix) ? Family.SD2
            : shapes.HasAny(ClipPrefix) ? Family.SD1
            : throw new ModelException(
                $"{path}: the text encoder of this checkpoint is of no supported family (SD 1, SD 2, SDXL)");

        TextEncoderFiles Clip(string name, string tokenizer, string prefix)
        {
            var config = Beside([name, "config.json"], ModelJson.Default.ClipTextConfig) ?? shapes.Clip(prefix);
            config.Verify(Named(name));
            // Some files leave out this part of the names.
            var leftOut = shapes.HasAny(prefix + "text_model.") ? "" : "text_model.";
            return new(name, config with { Architectures = ["CLIPTextModel"] }, () => Tokenizer(tokenizer, padsWithEnd: true),
                () => StateDict.Open(path, n => new(prefix + n[leftOut.Length..])));
        }

        TextEncoderFiles OpenClip(string name, string tokenizer, string prefix, int layersLeftOut, bool projects)
        {
            var config = Beside([name, "config.json"], ModelJson.Default.ClipTextConfig)
                ?? shapes.OpenClip(prefix, layersLeftOut);
            config.Verify(Named(name));
            return new(name, config with { Architectures = [projects ? "CLIPTextModelWithProjection" : "CLIPTextModel"] },
                () => Tokenizer(tokenizer, padsWithEnd: false), () => StateDict.Open(path, Stored));

            StoredAs Stored(string tensor)
            {
                var stored = LdmNames.OpenClip(tensor);
                return stored with { Name = prefix + stored.Name };
            }
        }

        ClipTokenizer Tokenizer(string folder, bool padsWithEnd)
        {
            var directory = Path.Combine(beside, folder);
            return Directory.Exists(directory) ? ClipTokenizer.FromDirectory(directory) : ClipTokenizer.OpenAI(padsWithEnd);
        }

        // What a wrong configuration is read from.
        string Named(string part) =>
            Path.Combine(beside, part, "config.json") is var config && File.Exists(config) ? config : path;

        T? Beside<T>(string[] parts, JsonTypeInfo<T> type) where T : class
        {
            var config = Path.Combine([beside, .. parts]);
            return File.Exists(config) ? ConfigFile.Read(config, type) : null;
        }
    }

    // As the publishers' own directories have it.
    static SchedulerConfig SchedulerOf(Family family, CheckpointShapes shapes) => new()
    {
        ClassName = family switch
        {
            Family.SD1 => "PNDMScheduler",
            Family.SD2 => "DDIMScheduler",
            _ => "EulerDiscreteScheduler",
        },
        BetaStart = 0.00085,
        BetaEnd = 0.012,
        BetaSchedule = "scaled_linear",
        TimestepSpacing = "leading",
        StepsOffset = 1,
        SetAlphaToOne = false,
        ClipSample = false,
        SkipPrkSteps = true,
        // Fine-tuned SDXL checkpoints that predict the velocity say so with an empty tensor.
        PredictionType = family == Family.SD2 || shapes.Has("v_pred") ? "v_prediction" : "epsilon",
    };
}

enum Family
{
    SD1,
    SD2,
    SDXL,
}
