using System.Text.Json;
using System.Text.Json.Serialization;
using SdAspire.Diffusion.Models;
using SdAspire.Diffusion.Schedulers;
using SdAspire.Training.Scenes;

namespace SdAspire.Training;

/// <summary>How one model is made, from its shape to its schedule: recipe.json. The same recipe and data give the same model.</summary>
public sealed record Recipe
{
    public required string Name { get; init; }

    /// <summary>Seeds weights, batches, noise.</summary>
    public required long Seed { get; init; }

    /// <summary>The caption list, beside the recipe.</summary>
    public required string Captions { get; init; }

    /// <summary>Another tokenizer's folder than the one beside the recipe.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>
    /// A model of the same shapes, beside the recipe, whose weights are the start; null for random ones. It must hold no newer
    /// model than it held then.
    /// </summary>
    public string? Start { get; init; }

    /// <summary>What training composes.</summary>
    public required SceneShares Scenes { get; init; }

    public required AutoencoderKLConfig Vae { get; init; }
    public required ClipTextConfig TextEncoder { get; init; }
    public required UNet2DConditionConfig Unet { get; init; }
    public required SchedulerConfig Scheduler { get; init; }
    public required GenerationConfig Generation { get; init; }
    public required VaeSchedule TrainVae { get; init; }
    public required DenoiserSchedule TrainDenoiser { get; init; }

    /// <exception cref="TrainingException">It cannot be read.</exception>
    public static Recipe Load(string path)
    {
        try
        {
            var recipe = JsonSerializer.Deserialize(File.ReadAllBytes(path), RecipeJson.Default.Recipe) ?? throw new JsonException("empty");
            return new Schedule[] { recipe.TrainVae, recipe.TrainDenoiser }.All(schedule => schedule.Parts > 0 && schedule.PartSize > 0)
                ? recipe
                : throw new JsonException("a batch has at least one part, and a part one picture");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TrainingException($"{path}: not a readable recipe ({fault.Message})", fault);
        }
    }
}

/// <summary>What a picture takes when nobody says otherwise: generation_config.json of the model.</summary>
public sealed record GenerationConfig
{
    public required int NumInferenceSteps { get; init; }
    public required double GuidanceScale { get; init; }
    public required int Width { get; init; }
    public required int Height { get; init; }
    public required string Scheduler { get; init; }
    public required IReadOnlyList<string> Examples { get; init; }

    /// <summary>All words of the captions; written by training, not by the recipe's author.</summary>
    public IReadOnlyList<string>? KnownWords { get; init; }
}

/// <summary>
/// AdamW; the learning rate rises linearly, stays, and falls as a cosine in the last steps. Steps may be taken off or added
/// between two runs, as long as the tail has not begun.
/// </summary>
public record Schedule
{
    public required int Steps { get; init; }
    public required int BatchSize { get; init; }

    /// <summary>Parts of a batch, each drawn and differentiated by a thread of its own; not more than there are cores.</summary>
    public required int Parts { get; init; }

    /// <summary>Pictures of one part.</summary>
    [JsonIgnore]
    public int PartSize => BatchSize / Parts;

    public required double LearningRate { get; init; }
    public double WeightDecay { get; init; }
    public required int WarmupSteps { get; init; }

    /// <summary>How many of the steps the learning rate falls; null for all after the warm-up.</summary>
    public int? TailSteps { get; init; }

    /// <summary>Of the moving average of the weights, which is what ships.</summary>
    public required double EmaDecay { get; init; }

    public double LearningRateAt(int step)
    {
        if (step < WarmupSteps)
            return LearningRate * (step + 1) / WarmupSteps;
        var tail = TailSteps is { } steps ? Math.Max(WarmupSteps, Steps - steps) : WarmupSteps;
        var progress = (double)Math.Max(0, step - tail) / Math.Max(1, Steps - tail);
        return LearningRate * (0.01 + 0.99 * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}

/// <summary>The autoencoder's schedule.</summary>
public sealed record VaeSchedule : Schedule
{
    /// <summary>Weight of the mean Kullback-Leibler divergence to the unit normal.</summary>
    public required double KlWeight { get; init; }

    /// <summary>Share of each batch that comes from the captioned pictures; the rest from all.</summary>
    public required double CaptionedShare { get; init; }

    /// <summary>Whether the encoder stays as it is, and with it the latents that a UNet has learnt.</summary>
    public bool DecoderOnly { get; init; }
}

/// <summary>The schedule of UNet and text encoder, which learn together.</summary>
public sealed record DenoiserSchedule : Schedule
{
    /// <summary>Share of captions left empty, for classifier-free guidance.</summary>
    public required double EmptyCaptionShare { get; init; }

    /// <summary>1 draws all timesteps alike; above, the noisier come more often: those decide what is painted.</summary>
    public required double TimestepPower { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Recipe))]
[JsonSerializable(typeof(GenerationConfig))]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class RecipeJson : JsonSerializerContext;
