using System.Text.Json.Nodes;
using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Tests.Shared;

/// <summary>Makes of a tiny model one whose UNet was trained to paint into pictures: nine channels instead of four.</summary>
public static class InpaintingModel
{
    /// <param name="model">A model's directory, which is changed.</param>
    /// <param name="weight">What the five channels weigh: at zero the UNet predicts what it did without them.</param>
    public static void Make(string model, double weight = 0)
    {
        Set(Path.Combine(model, "model_index.json"), "_class_name", "StableDiffusionInpaintPipeline");
        Set(Path.Combine(model, "unet", "config.json"), "in_channels", 9);
        var path = Path.Combine(model, "unet", "diffusion_pytorch_model.safetensors");
        using var scope = NewDisposeScope();
        var weights = new Dictionary<string, Tensor>();
        using (var file = new SafetensorsFile(path))
        {
            foreach (var name in file.Entries.Keys)
            {
                weights[name] = file.Read(name);
            }
        }
        var first = weights["conv_in.weight"];
        weights["conv_in.weight"] = cat([first, full([first.shape[0], 5, 3, 3], weight, first.dtype)], 1);
        SafetensorsWriter.Write(path, weights);
    }

    private static void Set(string file, string key, JsonNode value)
    {
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        json[key] = value;
        File.WriteAllText(file, json.ToJsonString());
    }
}
