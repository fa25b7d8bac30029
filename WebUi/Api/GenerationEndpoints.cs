using System.ComponentModel;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using SdAspire.Generation;
using SdAspire.WebUi.Access;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.Api;

/// <summary><c>/api/generations</c> and <c>/api/images</c>.</summary>
internal static class GenerationEndpoints
{
    private const string ClientName = "api";
    private const string Tag = "Generations";
    private const string EventsType = "text/event-stream";

    public static void MapGenerationApi(this IEndpointRouteBuilder app)
    {
        // In full: in a group the routes of the collection, and so the names of their spans, would end in a slash.
        app.MapPost(Paths.Generations, PostAsync)
            .AcceptsJson<GenerationRequest>().Produces<AcceptedView>(StatusCodes.Status202Accepted)
            .Describe(Tag, "Queues a generation; what is not said comes from the model.", 400, 413, 415, 503);
        app.MapGet(Paths.Generations, GenerationList.Get).Produces<GenerationPage>()
            .AddOpenApiOperationTransformer(GenerationList.DescribeParameters)
            .Describe(Tag, "Generations, newest first, in pages; the words of q are in the prompt, whole or as parts.", 400);
        app.MapGet(Paths.Generations + "/{id}", GetAsync).Produces<GenerationView>()
            .Describe(Tag, "What is known of a generation.", 404, 503);
        app.MapDelete(Paths.Generations + "/{id}", DeleteAsync)
            .Produces<GenerationView>().Produces(StatusCodes.Status204NoContent)
            .Describe(Tag, "Cancels what has not ended (200); deletes what has (204), unless onlyCancel is true.", 404, 409, 503);
        app.MapPost(Paths.Retry("{id}"), RetryAsync).Produces<GenerationView>(StatusCodes.Status202Accepted)
            .Describe(Tag, "Queues again what failed or was cancelled.", 403, 404, 409, 503);
        app.MapGet(Paths.Generations + "/{id}/events", EventsAsync)
            .WithMetadata(new DisableRequestTimeoutAttribute()).Produces<EventData>(contentType: EventsType)
            .Describe(
                Tag, "Its present state and what happens to it, as server-sent events; they end when it has ended.", 404, 503);
        app.MapGet("/api/events", AllEvents)
            .WithMetadata(new DisableRequestTimeoutAttribute()).Produces<EventData>(contentType: EventsType)
            .Describe(
                Tag,
                "What happens to all generations, as server-sent events: queued, started, step, preview, done, failed, "
                + "cancelled, deleted.");
        app.MapGet(Paths.Preview("{id}"), Preview)
            .Produces<byte[]>(contentType: "image/png").Produces(StatusCodes.Status204NoContent)
            .Produces(StatusCodes.Status204NoContent)
            .Describe(Tag, "How far the picture is, while it is painted; 204 where there is none.", 404);
        app.MapRead("/api/images/{id}/{n:int:min(0)}.png", ImageAsync)
            .Produces<byte[]>(contentType: "image/png").Describe(Tag, "A picture, from n = 0 on.", 404, 503);
    }

    private static async Task<IResult> PostAsync(
        HttpContext context, ModelCatalog models, PromptFilter filter, TimeProvider time, Submissions submissions,
        GenerationViews views, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (refusal is not null)
            return Problems.Refused(refusal);
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        GenerationRequest request;
        using (body)
            request = GenerationRequest.Read(body!.RootElement, faults);
        if (faults.ContainsKey("body"))
            return Problems.Invalid(faults);

        var task = request.ToTask(models, filter, time, ClientName, faults);
        if (faults.Count > 0)
            return Problems.Invalid(faults);
        try
        {
            if (request.Parallel is true)
            {
                var states = await submissions.SubmitParallelAsync(task, cancellationToken);
                return TypedResults.Accepted(
                    Paths.Generations, new GenerationBatch(states[0].Task.Group, [.. states.Select(views.Of)]));
            }
            var state = await submissions.SubmitAsync(task, cancellationToken);
            return TypedResults.Accepted(Paths.Generation(task.Id), views.Of(state));
        }
        catch (Exception e) when (Problems.IsPassing(e))
        {
            return Problems.Unavailable(context, e);
        }
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string id, Records records, GenerationViews views, CancellationToken cancellationToken)
    {
        try
        {
            return await records.FindAsync(id, cancellationToken) is { } state
                ? TypedResults.Ok(views.Of(state))
                : Problems.NoSuch("generation");
        }
        catch (StorageUnavailableException e)
        {
            return Problems.Unavailable(context, e);
        }
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext context, string id, [Description("Whether what has ended stays.")] bool? onlyCancel, Records records,
        Cancellations cancellations, Deletions deletions, GenerationViews views, CancellationToken cancellationToken)
    {
        try
        {
            if (onlyCancel is not true && await records.FindAsync(id, cancellationToken) is { IsFinished: true })
            {
                return (await deletions.DeleteAsync(id, cancellationToken)).State is null
                    ? Problems.NoSuch("generation")
                    : TypedResults.NoContent();
            }
        }
        catch (StorageUnavailableException e)
        {
            return Problems.Unavailable(context, e);
        }
        return await AnswerAsync(
            context, () => cancellations.CancelAsync(id, cancellationToken), state => TypedResults.Ok(views.Of(state)));
    }

    private static Task<IResult> RetryAsync(
        HttpContext context, string id, Retries retries, GenerationViews views, CancellationToken cancellationToken) =>
        // Without a body there is no content type that would keep other sites out.
        OtherSites.Sent(context.Request)
            ? Task.FromResult(Problems.Forbidden("Another site may not do that."))
            : AnswerAsync(
                context, () => retries.RetryAsync(id, cancellationToken),
                state => TypedResults.Accepted(Paths.Generation(id), views.Of(state)));

    private static async Task<IResult> AnswerAsync(
        HttpContext context, Func<Task<Outcome>> act, Func<GenerationState, IResult> answer)
    {
        try
        {
            return await act() switch
            {
                { State: null } => Problems.NoSuch("generation"),
                { Refusal: { } why } => Problems.Conflict(why),
                { State: var state } => answer(state),
            };
        }
        catch (Exception e) when (Problems.IsPassing(e))
        {
            return Problems.Unavailable(context, e);
        }
    }

    private static IResult Preview(HttpContext context, string id, GenerationBoard board, Audience audience)
    {
        audience.Look();
        context.Response.Headers.CacheControl = "no-store";
        return board.Find(id) switch
        {
            null => Problems.NoSuch("generation"),
            { Preview: { } png } => TypedResults.Bytes(png, "image/png"),
            // A page may ask for the last one just after the end, which is no error.
            _ => TypedResults.NoContent(),
        };
    }

    private static async Task<IResult> EventsAsync(
        HttpContext context, string id, Records records, GenerationEvents events, CancellationToken cancellationToken)
    {
        try
        {
            return await records.FindAsync(id, cancellationToken) is { } state ? events.Of(state) : Problems.NoSuch("generation");
        }
        catch (StorageUnavailableException e)
        {
            return Problems.Unavailable(context, e);
        }
    }

    private static IResult AllEvents(
        [FromHeader(Name = "Last-Event-ID"), Description("The last event that the client had: it is told what came later.")]
        string? last,
        GenerationEvents events) => events.OfAll(last);

    private static async Task<IResult> ImageAsync(
        HttpContext context, string id, [Description("Which picture, from 0.")] int n, IObjectStore store,
        CancellationToken cancellationToken)
    {
        try
        {
            if (!TaskId.IsValid(id) || await store.GetAsync(ObjectKeys.Image(id, n), cancellationToken) is not { } image)
                return Problems.NoSuch("picture");
            // A picture never changes under its name.
            context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
            return TypedResults.File(
                image.Content, "image/png", enableRangeProcessing: true, lastModified: image.LastModified,
                entityTag: image.ETag is { Length: > 0 } tag ? new EntityTagHeaderValue($"\"{tag.Trim('"')}\"") : null);
        }
        catch (StorageUnavailableException e)
        {
            return Problems.Unavailable(context, e);
        }
    }
}
