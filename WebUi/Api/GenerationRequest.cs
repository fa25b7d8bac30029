using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using SdAspire.Generation;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.Api;

/// <summary>What a client may say; what it does not say comes from the model's profile.</summary>
/// <remarks>The attributes are for the API's reference: <see cref="GenerationRules"/> judges.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GenerationRequest
{
    /// <summary>What the pictures are to show.</summary>
    [Required, MaxLength(GenerationRules.MaxPromptLength)]
    public string Prompt { get; init; } = "";

    /// <summary>What they are not to show.</summary>
    [MaxLength(GenerationRules.MaxPromptLength)]
    public string? NegativePrompt { get; init; }

    /// <summary>Which model is to paint, by its name; without it the default one.</summary>
    public string? Model { get; init; }

    /// <summary>Who asks, in a word.</summary>
    [MaxLength(GenerationRules.MaxClientLength)]
    public string? Client { get; init; }

    /// <summary>How many pictures; 1 without it.</summary>
    [Range(1, GenerationRules.MaxCount)]
    public int? Count { get; init; }

    /// <summary>The seed of the first picture, each further one has the next; drawn without it.</summary>
    [Range(0, Seeds.Max)]
    public long? Seed { get; init; }

    /// <summary>How many steps each picture takes.</summary>
    [Range(GenerationRules.MinSteps, GenerationRules.MaxSteps)]
    public int? Steps { get; init; }

    /// <summary>How closely the pictures keep to the prompt.</summary>
    [Range(GenerationRules.MinGuidanceScale, GenerationRules.MaxGuidanceScale)]
    public double? GuidanceScale { get; init; }

    /// <summary>A sampler, by its short name or by diffusers' one.</summary>
    public string? Scheduler { get; init; }

    /// <summary>In pixels: a multiple of the model's pixelsPerLatent.</summary>
    [Range(1, GenerationRules.MaxSide)]
    public int? Width { get; init; }

    /// <summary>In pixels, as the width.</summary>
    [Range(1, GenerationRules.MaxSide)]
    public int? Height { get; init; }

    /// <summary>Whether each picture is a generation of its own, so that several workers can paint them at the same time.</summary>
    public bool? Parallel { get; init; }

    /// <summary>The task to queue: an id and a seed are drawn here, once and for all.</summary>
    /// <param name="faults">What is wrong with it is added here, by field; what is there already is kept.</param>
    public GenerationTask ToTask(
        ModelCatalog models, PromptFilter filter, TimeProvider time, string client, Dictionary<string, string[]> faults)
    {
        var served = models.Find(Model);
        if (served is null)
            faults.TryAdd("model", [$"The field model is not known; served are {models.Names}."]);
        var model = (served ?? models.Default).Profile;
        var task = ToTask(model, time, client);
        foreach (var (field, messages) in GenerationRules.Check(task, model))
            faults.TryAdd(field, messages);
        if (filter.Fault(task.Prompt) is { } refusal)
            faults.TryAdd("prompt", [refusal]);
        return task;
    }

    private GenerationTask ToTask(ModelProfile model, TimeProvider time, string client)
    {
        var scheduler = Scheduler ?? model.DefaultScheduler;
        return new GenerationTask
        {
            Id = TaskId.New(time),
            CreatedAt = time.GetUtcNow(),
            Client = Client ?? client,
            Model = Model ?? model.Name,
            Prompt = Prompt.Trim(' '),
            NegativePrompt = string.IsNullOrWhiteSpace(NegativePrompt) ? null : NegativePrompt,
            Count = Count ?? 1,
            Seed = Seed ?? Seeds.Draw(Math.Clamp(Count ?? 1, 1, GenerationRules.MaxCount)),
            Steps = Steps ?? model.DefaultSteps,
            GuidanceScale = GuidanceScale ?? model.DefaultGuidanceScale,
            Scheduler = Schedulers.TryNormalize(scheduler, out var shortName) ? shortName : scheduler,
            Width = Width ?? model.DefaultWidth,
            Height = Height ?? model.DefaultHeight,
        };
    }

    /// <summary>Reads a JSON object field by field, so that every field that is wrong is named at once.</summary>
    public static GenerationRequest Read(JsonElement body, Dictionary<string, string[]> faults)
    {
        var request = new GenerationRequest();
        if (body.ValueKind != JsonValueKind.Object)
        {
            faults["body"] = ["The body must be a JSON object."];
            return request;
        }
        foreach (var field in body.EnumerateObject())
        {
            var value = field.Value;
            if (value.ValueKind == JsonValueKind.Null)
                value = default;
            request = field.Name switch
            {
                "prompt" => request with { Prompt = Text(field.Name, value) ?? "" },
                "negativePrompt" => request with { NegativePrompt = Text(field.Name, value) },
                "model" => request with { Model = Text(field.Name, value) },
                "client" => request with { Client = Text(field.Name, value) },
                "scheduler" => request with { Scheduler = Text(field.Name, value) },
                "count" => request with { Count = (int?)Whole(field.Name, value) },
                "steps" => request with { Steps = (int?)Whole(field.Name, value) },
                "width" => request with { Width = (int?)Whole(field.Name, value) },
                "height" => request with { Height = (int?)Whole(field.Name, value) },
                "seed" => request with { Seed = Whole(field.Name, value) },
                "parallel" => request with { Parallel = YesOrNo(field.Name, value) },
                "guidanceScale" => request with { GuidanceScale = Number(field.Name, value) },
                _ => Unknown(field.Name),
            };
        }
        return request;

        string? Text(string name, JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Undefined)
                return null;
            if (value.TextOf() is { } text)
                return text;
            faults[name] = [$"The field {name} must be a text."];
            return null;
        }

        long? Whole(string name, JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Undefined)
                return null;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsInteger(number))
            {
                // A number beyond the type is beyond every limit; the rules then say which.
                return name == "seed"
                    ? value.TryGetInt64(out var seed) ? seed : -1
                    : (long)Math.Clamp(number, int.MinValue, int.MaxValue);
            }
            faults[name] = [$"The field {name} must be a whole number."];
            return null;
        }

        bool? YesOrNo(string name, JsonElement value)
        {
            if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
                return value.ValueKind == JsonValueKind.True;
            if (value.ValueKind != JsonValueKind.Undefined)
                faults[name] = [$"The field {name} must be true or false."];
            return null;
        }

        double? Number(string name, JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Undefined)
                return null;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number))
                return number;
            faults[name] = [$"The field {name} must be a number."];
            return null;
        }

        GenerationRequest Unknown(string name)
        {
            if (name != "input" || body.GetProperty(name).ValueKind != JsonValueKind.Null)
                faults[name] = [$"The field {name} is not known."];
            return request;
        }
    }
}
