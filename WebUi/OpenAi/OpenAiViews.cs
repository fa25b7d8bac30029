using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using SdAspire.Generation;

namespace SdAspire.WebUi.OpenAi;

/// <summary>A model as OpenAI's API shows it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Object">Always <c>model</c>.</param>
/// <param name="Created">Since when it is served here, in seconds since 1970.</param>
public sealed record OpenAiModel(
    string Id, string Object, long Created, [property: JsonPropertyName("owned_by")] string OwnedBy);

/// <summary>Models as OpenAI's API lists them.</summary>
/// <param name="Object">Always <c>list</c>.</param>
public sealed record OpenAiModels(string Object, IReadOnlyList<OpenAiModel> Data);

/// <summary>
/// What a client of OpenAI's API may say of the pictures that it wants, and what the models here can do beside it. Of OpenAI's
/// other fields <c>output_format</c> may be <c>png</c> and <c>stream</c> false; those that change nothing here are ignored.
/// </summary>
/// <param name="Prompt">What the pictures are to show.</param>
/// <param name="Model">Which model is to paint, by its name; without it the default one.</param>
/// <param name="N">How many pictures; 1 without it.</param>
/// <param name="Size"><c>auto</c>, or width and height such as <c>512x512</c>.</param>
/// <param name="ResponseFormat"><c>url</c>, which it is without it, or <c>b64_json</c>.</param>
/// <param name="NegativePrompt">What the pictures are not to show.</param>
/// <param name="GuidanceScale">How closely the pictures keep to the prompt.</param>
/// <param name="Scheduler">A sampler, by its short name or by diffusers' one.</param>
/// <param name="Steps">How many steps each picture takes.</param>
/// <param name="Seed">The seed of the first picture, each further one has the next; drawn without it.</param>
public sealed record OpenAiImageRequest(
    [property: MaxLength(GenerationRules.MaxPromptLength)] string Prompt,
    string? Model = null,
    [property: Range(1, GenerationRules.MaxCount)] int? N = null,
    string? Size = null,
    [property: JsonPropertyName("response_format")] string? ResponseFormat = null,
    [property: JsonPropertyName("negative_prompt"), MaxLength(GenerationRules.MaxPromptLength)] string? NegativePrompt = null,
    [property: JsonPropertyName("guidance_scale"), Range(GenerationRules.MinGuidanceScale, GenerationRules.MaxGuidanceScale)]
    double? GuidanceScale = null,
    string? Scheduler = null,
    [property: Range(GenerationRules.MinSteps, GenerationRules.MaxSteps)] int? Steps = null,
    [property: Range(0, Seeds.Max)] long? Seed = null);

/// <summary>Pictures as OpenAI's API answers them.</summary>
/// <param name="Created">When they were done, in seconds since 1970.</param>
public sealed record OpenAiImages(long Created, IReadOnlyList<OpenAiImage> Data);

/// <summary>Where the picture is, or the picture itself.</summary>
public sealed record OpenAiImage
{
    /// <summary>Where it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    /// <summary>The PNG itself, in base64.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("b64_json")]
    public string? Base64 { get; init; }
}

/// <summary>Section <c>OpenAi</c>.</summary>
public sealed class OpenAiOptions
{
    public const string Section = "OpenAi";

    /// <summary>How long a request waits for its pictures, in seconds; then they are given up.</summary>
    [Range(1, 86_400)]
    public int TimeoutSeconds { get; set; } = 600;
}
