using System.Text.Json.Nodes;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace SdAspire.Tests.Shared;

/// <summary>Gives a tiny model a safety checker with random weights, that knows one concept.</summary>
public static class SafetyCheckedModel
{
    private static readonly SafetyCheckerConfig Config = new()
    {
        ProjectionDim = 8,
        VisionConfig = new()
        {
            HiddenSize = 16, IntermediateSize = 32, NumHiddenLayers = 2, NumAttentionHeads = 2, ImageSize = 28, PatchSize = 14,
        },
    };

    public static SafetyChecker Checker()
    {
        random.manual_seed(1);
        var checker = new SafetyChecker(Config).WithInitialValues();
        checker.eval();
        return checker;
    }

    /// <param name="threshold">The cosine from which the concept counts.</param>
    /// <param name="special">The cosine from which special care is asked for.</param>
    public static void Knows(SafetyChecker checker, Tensor concept, double threshold, double special)
    {
        checker.get_parameter("concept_embeds")!.copy_(concept.expand(17, -1));
        checker.get_parameter("concept_embeds_weights")!.fill_(threshold);
        checker.get_parameter("special_care_embeds")!.copy_(concept.expand(3, -1));
        checker.get_parameter("special_care_embeds_weights")!.fill_(special);
    }

    /// <param name="model">The model's directory, which it is written into.</param>
    /// <param name="threshold">The cosine from which a picture is withheld: -2 for all of them, 2 for none.</param>
    public static void Add(string model, double threshold)
    {
        var indexFile = Path.Combine(model, "model_index.json");
        var index = JsonNode.Parse(File.ReadAllText(indexFile))!;
        index["safety_checker"] = new JsonArray("stable_diffusion", "StableDiffusionSafetyChecker");
        File.WriteAllText(indexFile, index.ToJsonString());
        var folder = Directory.CreateDirectory(Path.Combine(model, "safety_checker")).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), """
            { "projection_dim": 8, "vision_config": { "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
              "num_attention_heads": 2, "image_size": 28, "patch_size": 14 } }
            """);
        using var gradient = no_grad();
        using var checker = Checker();
        Knows(checker, ones(1, 8), threshold, special: 2);
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            checker.named_parameters().Select(p => KeyValuePair.Create(p.name, (Tensor)p.parameter)), ScalarType.Float32);
    }
}
