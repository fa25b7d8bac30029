using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Training;

/// <summary>Writes a trained model in diffusers' layout, weights in float16. The tokenizer is there already.</summary>
static class ModelWriter
{
    public const string VaeWeights = "vae/diffusion_pytorch_model.fp16.safetensors";
    public const string TextEncoderWeights = "text_encoder/model.fp16.safetensors";
    public const string UNetWeights = "unet/diffusion_pytorch_model.fp16.safetensors";

    public static void Write(string directory, Recipe recipe, VaeStage vae, DenoiserStage denoiser, IReadOnlyList<string> knownWords)
    {
        Config("model_index.json", new ModelIndex
        {
            Tokenizer = ["transformers", "CLIPTokenizer"],
            TextEncoder = ["transformers", "CLIPTextModel"],
            Unet = ["diffusers", "UNet2DConditionModel"],
            Vae = ["diffusers", "AutoencoderKL"],
            Scheduler = ["diffusers", recipe.Scheduler.ClassName],
        }, ModelJson.Default.ModelIndex);
        Config("vae/config.json", recipe.Vae with { ScalingFactor = denoiser.ScalingFactor }, ModelJson.Default.AutoencoderKLConfig);
        Config("text_encoder/config.json", recipe.TextEncoder, ModelJson.Default.ClipTextConfig);
        Config("unet/config.json", recipe.Unet, ModelJson.Default.UNet2DConditionConfig);
        Config("scheduler/scheduler_config.json", recipe.Scheduler, ModelJson.Default.SchedulerConfig);
        Config("generation_config.json", recipe.Generation with { KnownWords = knownWords }, RecipeJson.Default.GenerationConfig);
        Weights(VaeWeights, vae.Vae);
        Weights(TextEncoderWeights, denoiser.TextEncoder);
        Weights(UNetWeights, denoiser.UNet);

        void Config<T>(string file, T config, JsonTypeInfo<T> type)
        {
            var path = Path.Combine(directory, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, JsonSerializer.Serialize(config, type) + "\n");
        }

        void Weights(string file, nn.Module module) => SafetensorsWriter.Write(Path.Combine(directory, file),
            module.named_parameters().Select(p => new KeyValuePair<string, Tensor>(p.name, p.parameter)), ScalarType.Float16);
    }
}
