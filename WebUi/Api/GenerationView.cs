using System.Text.Json;
using System.Text.Json.Serialization;
using SdAspire.Generation;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Pages;

namespace SdAspire.WebUi.Api;

/// <summary>A generation as the API shows it.</summary>
public sealed record GenerationView(
    string Id,
    GenerationStatus Status,
    [property: JsonConverter(typeof(UtcTimestampConverter))] DateTimeOffset CreatedAt,
    string Model,
    string Prompt,
    string? NegativePrompt,
    int Count,
    long Seed,
    int Steps,
    double GuidanceScale,
    string Scheduler,
    int Width,
    int Height,
    PaintingProgress? Progress,
    string? Preview,
    IReadOnlyList<ImageView> Images,
    string? Reason,
    double? Seconds,
    string? Worker,
    [property: JsonConverter(typeof(UtcTimestampConverter))] DateTimeOffset? FinishedAt)
{
    public static GenerationView Of(GenerationState state)
    {
        var task = state.Task;
        return new GenerationView(
            task.Id, state.Status, task.CreatedAt, task.Model, task.Prompt, task.NegativePrompt, task.Count, task.Seed,
            task.Steps,
            task.GuidanceScale, task.Scheduler, task.Width, task.Height, state.Progress,
            state.Preview is null ? null : Paths.Preview(task.Id),
            [.. state.Pictures.Select(picture => new ImageView(picture.N, Paths.Image(task.Id, picture.N), picture.Seed))],
            state.Reason, state.Seconds, state.Worker, state.FinishedAt);
    }
}

/// <summary>One picture of a generation.</summary>
/// <param name="N">From 0.</param>
public sealed record ImageView(int N, string Url, long Seed);

/// <summary>A page of generations, newest first.</summary>
/// <param name="Next">Where the older ones are; null at the end.</param>
public sealed record GenerationPage(IReadOnlyList<GenerationView> Items, string? Next);

/// <summary>The API's addresses, said once.</summary>
public static class Paths
{
    public const string Generations = "/api/generations";

    public static string Generation(string id) => $"{Generations}/{id}";

    public static string Retry(string id) => $"{Generations}/{id}/retry";

    public static string Preview(string id) => $"{Generations}/{id}/preview.png";

    public static string Image(string id, int n) => $"/api/images/{id}/{n}.png";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(GenerationView))]
[JsonSerializable(typeof(GenerationPage))]
[JsonSerializable(typeof(GalleryNews))]
internal sealed partial class WebUiJson : JsonSerializerContext;
