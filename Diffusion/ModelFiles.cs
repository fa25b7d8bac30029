using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SdAspire.Diffusion.Weights;

namespace SdAspire.Diffusion;

/// <summary>One text encoder of a model with what it needs.</summary>
/// <param name="Name">text_encoder or text_encoder_2, as diffusers' directories and LoRAs have it.</param>
/// <param name="Config">Its shape.</param>
/// <param name="Tokenizer">Reads its tokenizer.</param>
/// <param name="Open">Opens its weights.</param>
public sealed record TextEncoderFiles(string Name, ClipTextConfig Config, Func<ClipTokenizer> Tokenizer, Func<StateDict> Open);

/// <summary>The autoencoder of a model: one of two classes.</summary>
/// <param name="Large">Shape of an AutoencoderKL, or null.</param>
/// <param name="Tiny">Shape of an AutoencoderTiny, or null.</param>
/// <param name="Open">Opens its weights.</param>
public sealed record AutoencoderFiles(AutoencoderKLConfig? Large, AutoencoderTinyConfig? Tiny, Func<StateDict> Open);

/// <summary>The safety checker of a model.</summary>
/// <param name="Config">Its shape.</param>
/// <param name="Open">Opens its weights.</param>
public sealed record SafetyCheckerFiles(SafetyCheckerConfig Config, Func<StateDict> Open);

/// <summary>
/// A model on disk, whatever its format: a directory in diffusers' layout or a single-file checkpoint. Configurations are read
/// and checked; weights are opened when they are asked for.
/// </summary>
public sealed record ModelFiles
{
    const string WeightsStem = "diffusion_pytorch_model";

    /// <summary>How many numbers SDXL's sizes are.</summary>
    internal const int TimeIds = 6;

    // Whether each is an XL: what a pipeline does is the request's matter, not the model's.
    static readonly Dictionary<string, bool> Pipelines = new()
    {
        ["StableDiffusionPipeline"] = false,
        ["StableDiffusionImg2ImgPipeline"] = false,
        ["StableDiffusionInpaintPipeline"] = false,
        ["LatentConsistencyModelPipeline"] = false,
        ["LatentConsistencyModelImg2ImgPipeline"] = false,
        ["StableDiffusionXLPipeline"] = true,
        ["StableDiffusionXLInpaintPipeline"] = true,
    };

    /// <summary>The directory or the file.</summary>
    public required string Path { get; init; }

    /// <summary>The text encoder whose pooled output SDXL adds is the last.</summary>
    public required IReadOnlyList<TextEncoderFiles> TextEncoders { get; init; }
    public required UNet2DConditionConfig UNet { get; init; }
    public required Func<StateDict> OpenUNet { get; init; }
    public required AutoencoderFiles Autoencoder { get; init; }
    public required SchedulerConfig Scheduler { get; init; }

    /// <summary>What looks for unwanted pictures; null where the model ships none.</summary>
    public SafetyCheckerFiles? SafetyChecker { get; init; }

    /// <summary>Stable Diffusion XL, which encodes text in another way.</summary>
    public required bool IsXL { get; init; }

    /// <summary>Where no negative prompt is given its embeddings are zeros.</summary>
    public bool ForceZerosForEmptyPrompt { get; init; }

    /// <summary>The UNet was trained for inpainting: beside the noisy latents it sees a mask and the masked picture's latents.</summary>
    public bool PaintsIntoPictures => UNet.InChannels != LatentChannels;

    int LatentChannels => Autoencoder.Large?.LatentChannels ?? Autoencoder.Tiny!.LatentChannels;

    /// <param name="path">A model's directory or its single .safetensors file.</param>
    /// <param name="autoencoder">The folder of one that takes the place of the model's.</param>
    /// <exception cref="ModelException">
    /// A file is missing, malformed or asks for something unsupported; names the file, the key and the value.
    /// </exception>
    public static ModelFiles Open(string path, string? autoencoder = null)
    {
        var model = File.Exists(path) ? SingleFile.Open(path) : FromDirectory(path);
        model = autoencoder is null ? model : model with { Autoencoder = OpenAutoencoder(autoencoder) };
        model.VerifyFit();
        return model;
    }

    /// <exception cref="ModelException">The UNet was made for other text encoders or another autoencoder.</exception>
    void VerifyFit()
    {
        var latents = LatentChannels;
        Require(
            UNet.InChannels == latents || UNet.InChannels == 2 * latents + 1, "in_channels", UNet.InChannels, "latent_channels", latents);
        Require(UNet.OutChannels == latents, "out_channels", UNet.OutChannels, "latent_channels", latents);
        var text = TextEncoders.Sum(encoder => encoder.Config.HiddenSize);
        Require(UNet.CrossAttentionDim == text, "cross_attention_dim", UNet.CrossAttentionDim, "hidden_size of the text", text);
        var projection = TextEncoders[^1].Config.ProjectionDim;
        Require(
            !IsXL || UNet.ProjectionClassEmbeddingsInputDim == projection + TimeIds * UNet.AdditionTimeEmbedDim,
            "projection_class_embeddings_input_dim", UNet.ProjectionClassEmbeddingsInputDim, "projection_dim", projection);

        void Require(bool holds, string key, int? value, string otherKey, int other)
        {
            if (!holds)
            {
                throw new ModelException($"{Path}: the UNet's {key} {value} does not fit the {otherKey} {other}");
            }
        }
    }

    /// <summary>Reads the tokenizers, one for each text encoder.</summary>
    /// <exception cref="ModelException">A file is missing or malformed, or does not fit its encoder.</exception>
    internal IReadOnlyList<ClipTokenizer> Tokenizers()
    {
        List<ClipTokenizer> tokenizers = [.. TextEncoders.Select(encoder => encoder.Tokenizer())];
        foreach (var (tokenizer, encoder) in tokenizers.Zip(TextEncoders))
        {
            if (tokenizer.MaxLength > encoder.Config.MaxPositionEmbeddings || tokenizer.MaxLength != tokenizers[0].MaxLength)
            {
                throw new ModelException(
                    $"{Path}: the tokenizer of {encoder.Name} has model_max_length {tokenizer.MaxLength}, "
                    + $"its max_position_embeddings is {encoder.Config.MaxPositionEmbeddings}");
            }
        }
        return tokenizers;
    }

    /// <param name="name">One of <see cref="SchedulerNames.Known"/>; null for the model's own.</param>
    /// <exception cref="ModelException">There is none of that name, or the configuration asks for what it cannot do.</exception>
    internal Scheduler NewScheduler(string? name)
    {
        try
        {
            return Schedulers.Scheduler.Create(name ?? Scheduler.ClassName ?? "", Scheduler);
        }
        catch (ModelException fault)
        {
            throw new ModelException($"{Path}: {fault.Message}", fault);
        }
    }

    /// <summary>An autoencoder that lies in a folder of its own, to take the place of a model's.</summary>
    /// <exception cref="ModelException">As for <see cref="Open"/>.</exception>
    internal static AutoencoderFiles OpenAutoencoder(string directory)
    {
        var path = System.IO.Path.Combine(directory, "config.json");
        var name = ConfigFile.Read(path, ModelJson.Default.ClassNameOnly).ClassName;
        if (name == "AutoencoderTiny")
        {
            var tiny = ConfigFile.Read(path, ModelJson.Default.AutoencoderTinyConfig);
            tiny.Verify(path);
            return new(null, tiny, Open);
        }
        // Early models name no class.
        ConfigFile.Require(name is null or "AutoencoderKL", path, "_class_name", name);
        var large = ConfigFile.Read(path, ModelJson.Default.AutoencoderKLConfig);
        large.Verify(path);
        return new(large, null, Open);

        StateDict Open() => StateDict.Open(directory, WeightsStem);
    }

    /// <summary>A cheap check before any work is taken: every file is there, every header fits its file.</summary>
    /// <exception cref="ModelException">Names the file.</exception>
    public static ModelFiles Verify(string path, LoadOptions? options = null)
    {
        var model = Open(path, options?.Autoencoder);
        model.Tokenizers();
        foreach (var encoder in model.TextEncoders)
        {
            encoder.Open().Dispose();
        }
        model.OpenUNet().Dispose();
        model.Autoencoder.Open().Dispose();
        model.SafetyChecker?.Open().Dispose();
        foreach (var lora in options?.Loras ?? [])
        {
            new LoraWeights(lora).Dispose();
        }
        return model;
    }

    static ModelFiles FromDirectory(string root)
    {
        var path = System.IO.Path.Combine(root, "model_index.json");
        var index = ConfigFile.Read(path, ModelJson.Default.ModelIndex);
        ConfigFile.Require(Pipelines.TryGetValue(index.ClassName, out var xl), path, "_class_name", index.ClassName);
        Require("text_encoder", index.TextEncoder, "CLIPTextModel");
        Require("unet", index.Unet, "UNet2DConditionModel");
        Require("vae", index.Vae, "AutoencoderKL", "AutoencoderTiny");
        List<TextEncoderFiles> encoders = [TextEncoder("text_encoder", "tokenizer", projects: false)];
        if (xl)
        {
            Require("text_encoder_2", index.TextEncoder2, "CLIPTextModelWithProjection");
            encoders.Add(TextEncoder("text_encoder_2", "tokenizer_2", projects: true));
        }

        var unetPath = System.IO.Path.Combine(root, "unet", "config.json");
        var unet = ConfigFile.Read(unetPath, ModelJson.Default.UNet2DConditionConfig);
        ConfigFile.Require(
            unet.AdditionEmbedType == (xl ? "text_time" : null), unetPath, "addition_embed_type", unet.AdditionEmbedType);
        unet.Verify(unetPath);
        return new ModelFiles
        {
            Path = root,
            TextEncoders = encoders,
            UNet = unet,
            OpenUNet = () => StateDict.Open(System.IO.Path.Combine(root, "unet"), WeightsStem),
            Autoencoder = OpenAutoencoder(System.IO.Path.Combine(root, "vae")),
            Scheduler = ConfigFile.Read(
                System.IO.Path.Combine(root, "scheduler", "scheduler_config.json"), ModelJson.Default.SchedulerConfig),
            SafetyChecker = SafetyChecker(),
            IsXL = xl,
            ForceZerosForEmptyPrompt = xl && (index.ForceZerosForEmptyPrompt ?? true),
        };

        void Require(string key, IReadOnlyList<string?>? component, params string[] classes) =>
            ConfigFile.Require(component is [_, { } name] && classes.Contains(name), path, key, component?[^1]);

        // Many take the folder away and leave the index as it is.
        SafetyCheckerFiles? SafetyChecker()
        {
            var folder = System.IO.Path.Combine(root, "safety_checker");
            if (index.SafetyChecker is not [_, { } name] || !Directory.Exists(folder))
            {
                return null;
            }
            ConfigFile.Require(name == "StableDiffusionSafetyChecker", path, "safety_checker", name);
            var configPath = System.IO.Path.Combine(folder, "config.json");
            var config = ConfigFile.Read(configPath, ModelJson.Default.SafetyCheckerConfig);
            config.Verify(configPath);
            return new(config, () => StateDict.Open(folder, "model"));
        }

        TextEncoderFiles TextEncoder(string name, string tokenizer, bool projects)
        {
            var folder = System.IO.Path.Combine(root, name);
            var configPath = System.IO.Path.Combine(folder, "config.json");
            var config = ConfigFile.Read(configPath, ModelJson.Default.ClipTextConfig);
            config.Verify(configPath);
            return new(
                name, config with { Architectures = [projects ? "CLIPTextModelWithProjection" : "CLIPTextModel"] },
                () => ClipTokenizer.FromDirectory(System.IO.Path.Combine(root, tokenizer)), () => StateDict.Open(folder, "model"));
        }
    }
}
