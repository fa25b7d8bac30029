using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.OpenAi;

/// <summary><c>/v1</c>: pictures for clients of OpenAI's API. A request waits for its pictures.</summary>
internal static class OpenAiEndpoints
{
    public const string Tag = "OpenAI";

    private const string ClientName = "openai";
    private const string Owner = "sdaspire";

    public static void MapOpenAi(this IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/images/generations", PostAsync)
            .WithMetadata(new DisableRequestTimeoutAttribute())
            .AcceptsJson<OpenAiImageRequest>().Produces<OpenAiImages>()
            .Describe(Tag, "Paints pictures and answers with them.", 400, 404, 413, 415, 500, 503);
        app.MapGet("/v1/models", (ModelCatalog models, Throughput throughput) => TypedResults.Json(
            new OpenAiModels("list", [.. models.Models.Select(model => ViewOf(model.Name, throughput))]),
            OpenAiJson.Default.OpenAiModels))
            .Produces<OpenAiModels>().Describe(Tag, "The models that are served.");
        app.MapGet("/v1/models/{name}", (string name, ModelCatalog models, Throughput throughput) =>
            models.Find(name) is { } model
                ? TypedResults.Json(ViewOf(model.Name, throughput), OpenAiJson.Default.OpenAiModel)
                : OpenAiErrors.NoSuchModel(name))
            .Produces<OpenAiModel>().Describe(Tag, "A model.", 404);
        app.Map("/v1/{**rest}", (HttpRequest request) => OpenAiErrors.NoSuchPath(request)).ExcludeFromDescription();
    }

    private static OpenAiModel ViewOf(string name, Throughput throughput) =>
        new(name, "model", throughput.BeganAt.ToUnixTimeSeconds(), Owner);

    private static async Task<IResult> PostAsync(
        HttpContext context, ModelCatalog models, PromptFilter filter, TimeProvider time, Submissions submissions,
        Cancellations cancellations, GenerationBoard board, Records records, IObjectStore store, IOptions<OpenAiOptions> options,
        IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (refusal is not null)
            return OpenAiErrors.Of(refusal.Status, refusal.Why);
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        OpenAiRequest request;
        using (body)
            request = OpenAiRequest.Read(body!.RootElement, faults);
        if (request.Generation.Model is { } name && models.Find(name) is null)
            return OpenAiErrors.NoSuchModel(name);
        var task = request.Generation.ToTask(models, filter, time, ClientName, faults);
        if (faults.FirstOrDefault() is { Key: { } field, Value: var messages })
        {
            return OpenAiErrors.Invalid(
                string.Join(" ", messages), field == "body" ? null : OpenAiRequest.NameOf(field),
                filter.Fault(task.Prompt) is null ? null : "content_policy_violation");
        }
        try
        {
            var state = await submissions.SubmitAsync(task, cancellationToken);
            state = await WaitAsync(state, board, records, options.Value, lifetime.ApplicationStopping, cancellationToken);
            if (!state.IsFinished)
            {
                await cancellations.CancelAsync(task.Id, CancellationToken.None);
                return OpenAiErrors.Failed("The pictures were not painted in time, and are given up.");
            }
            return state.Status == GenerationStatus.Done
                ? await AnswerAsync(context, state, request.InBase64, store, time, cancellationToken)
                : OpenAiErrors.Failed(state.Reason ?? "It was cancelled.");
        }
        catch (Exception e) when (Problems.IsPassing(e))
        {
            return OpenAiErrors.Passing(context, e);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await GiveUpAsync(task.Id, cancellations);
            return TypedResults.Empty;
        }
    }

    /// <summary>What has become of it when it has ended, or when nobody may wait for it any longer.</summary>
    private static async Task<GenerationState> WaitAsync(
        GenerationState state, GenerationBoard board, Records records, OpenAiOptions options, CancellationToken stopping,
        CancellationToken cancellationToken)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        until.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        try
        {
            while (!state.IsFinished)
            {
                await board.WaitForChangeAsync(state, until.Token);
                if (board.Find(state.Task.Id) is not { } next)
                    return state with { Status = GenerationStatus.Cancelled };
                state = next;
            }
            return state;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await records.FindAsync(state.Task.Id, CancellationToken.None) ?? state;
        }
    }

    // Nobody is there for it any more.
    private static async Task GiveUpAsync(string id, Cancellations cancellations)
    {
        try
        {
            await cancellations.CancelAsync(id, CancellationToken.None);
        }
        catch (StorageUnavailableException)
        {
            // Then it is painted, and the gallery has it.
        }
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context, GenerationState state, bool inBase64, IObjectStore store, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var images = new List<OpenAiImage>();
        foreach (var picture in state.Pictures)
        {
            if (!inBase64)
            {
                var request = context.Request;
                images.Add(new OpenAiImage
                {
                    Url = $"{request.Scheme}://{request.Host}{request.PathBase}{Paths.Image(state.Task.Id, picture.N)}",
                });
                continue;
            }
            if (await store.GetAsync(picture.Key, cancellationToken) is not { } stored)
                return OpenAiErrors.Failed("The picture was deleted.");
            images.Add(new OpenAiImage { Base64 = Convert.ToBase64String(stored.Content) });
        }
        return TypedResults.Json(
            new OpenAiImages((state.FinishedAt ?? time.GetUtcNow()).ToUnixTimeSeconds(), images), OpenAiJson.Default.OpenAiImages);
    }
}
