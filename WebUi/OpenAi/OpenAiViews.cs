using System.Text.Json.Serialization;

namespace SdAspire.WebUi.OpenAi;

/// <summary>A model as OpenAI's API shows it.</summary>
public sealed record OpenAiModel(string Id, string Object, long Created, string OwnedBy);

public sealed record OpenAiModels(string Object, IReadOnlyList<OpenAiModel> Data);

/// <summary>What a client of OpenAI's API may say of the pictures that it wants.</summary>
public sealed record OpenAiImageRequest(
    string Prompt, string? Model, int? N, string? Size,
    [property: JsonPropertyName("response_format")] string? ResponseFormat,
    [property: JsonPropertyName("negative_prompt")] string? NegativePrompt,
    [property: JsonPropertyName("guidance_scale")] double? GuidanceScale, string? Scheduler, int? Steps, long? Seed);

/// <summary>Pictures as OpenAI's API answers them.</summary>
public sealed record OpenAiImages(long Created, IReadOnlyList<OpenAiImage> Data);

/// <summary>Where the picture is, or the picture itself.</summary>
public sealed record OpenAiImage
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyName("b64_json")]
    public string? Base64 { get; init; }
}

/// <summary>Section <c>OpenAi</c>.</summary>
public sealed class OpenAiOptions
{
    public const string Section = "OpenAi";

    /// <summary>How long a request waits for its pictures, in seconds; then they are given up.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 86_400)]
    public int TimeoutSeconds { get; set; } = 600;
}
