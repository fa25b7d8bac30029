using System.Text.Json;
using System.Text.Json.Serialization;
using SdAspire.Generation;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Pages;

namespace SdAspire.WebUi.Api;

/// <summary>A generation as the API shows it.</summary>
/// <param name="Id">A ULID: ids sort by the time of asking.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="Model">Which model paints it.</param>
/// <param name="Prompt">What the pictures are to show.</param>
/// <param name="NegativePrompt">What they are not to show.</param>
/// <param name="Count">How many pictures were asked for.</param>
/// <param name="Seed">Of the first picture; each further one has the next.</param>
/// <param name="Steps">Of each picture.</param>
/// <param name="GuidanceScale">How closely the pictures keep to the prompt.</param>
/// <param name="Scheduler">The sampler, by its short name.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Progress">How far the painting is; only while it is running.</param>
/// <param name="Preview">Where a small picture of how far it is can be had; only while there is one.</param>
/// <param name="Images">The pictures that are done.</param>
/// <param name="UnknownWords">Words of the prompt that the model does not know.</param>
/// <param name="Reason">Why it failed, in words.</param>
/// <param name="Seconds">How long the painting took.</param>
/// <param name="Worker">Which worker paints it or has painted it.</param>
/// <param name="FinishedAt">When it was done, failed or was cancelled.</param>
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
    IReadOnlyList<string> UnknownWords,
    string? Reason,
    double? Seconds,
    string? Worker,
    [property: JsonConverter(typeof(UtcTimestampConverter))] DateTimeOffset? FinishedAt)
{
    /// <summary>Which of the tasks that wait for the same model it is, from 1; only while it waits.</summary>
    public int? Position { get; init; }

    /// <summary>When its pictures can be expected, in seconds from now; null if nothing can be said.</summary>
    public double? EstimatedSeconds { get; init; }

    public static GenerationView Of(GenerationState state)
    {
        var task = state.Task;
        return new GenerationView(
            task.Id, state.Status, task.CreatedAt, task.Model, task.Prompt, task.NegativePrompt, task.Count, task.Seed,
            task.Steps,
            task.GuidanceScale, task.Scheduler, task.Width, task.Height, state.Progress,
            state.Preview is null ? null : Paths.Preview(task.Id),
            [.. state.Pictures.Select(
                picture => new ImageView(picture.N, Paths.Image(task.Id, picture.N), picture.Seed, picture.Withheld))],
            state.UnknownWords, state.Reason, state.Seconds, state.Worker, state.FinishedAt);
    }
}

/// <summary>One picture of a generation.</summary>
/// <param name="N">From 0.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Seed">The seed that paints it again.</param>
/// <param name="Withheld">The model's safety checker has blackened it.</param>
public sealed record ImageView(int N, string Url, long Seed, bool Withheld);

/// <summary>A page of generations, newest first.</summary>
/// <param name="Next">Where those behind them are: older ones, with <c>after</c> younger ones; null at the end.</param>
public sealed record GenerationPage(IReadOnlyList<GenerationView> Items, string? Next);

/// <summary>Generations that were asked for together and can be painted at the same time.</summary>
/// <param name="Group">What they have in common.</param>
/// <param name="Items">One for each picture, in the order of their seeds.</param>
public sealed record GenerationBatch(string? Group, IReadOnlyList<GenerationView> Items);

/// <summary>The API's addresses, said once.</summary>
public static class Paths
{
    public const string Generations = "/api/generations";

    public static string Generation(string id) => $"{Generations}/{id}";

    /// <summary>With <c>DELETE</c>: gives it up if it has not ended, and deletes nothing.</summary>
    public static string Cancel(string id) => $"{Generations}/{id}?onlyCancel=true";

    public static string Retry(string id) => $"{Generations}/{id}/retry";

    public static string Preview(string id) => $"{Generations}/{id}/preview.png";

    public static string Image(string id, int n) => $"/api/images/{id}/{n}.png";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(GenerationView))]
[JsonSerializable(typeof(GenerationPage))]
[JsonSerializable(typeof(GenerationBatch))]
[JsonSerializable(typeof(StepView))]
[JsonSerializable(typeof(PreviewView))]
[JsonSerializable(typeof(DeletedView))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(ModelView[]))]
[JsonSerializable(typeof(SamplerView[]))]
[JsonSerializable(typeof(GalleryNews))]
internal sealed partial class WebUiJson : JsonSerializerContext;
