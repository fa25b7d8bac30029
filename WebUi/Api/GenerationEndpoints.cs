using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using SdAspire.Generation;
using SdAspire.WebUi.Access;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Api;

/// <summary><c>/api/generations</c> and <c>/api/images</c>.</summary>
internal static class GenerationEndpoints
{
    private const int DefaultPageSize = 24;
    private const int MaxPageSize = 100;
    private const string ClientName = "api";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    public static void MapGenerationApi(this IEndpointRouteBuilder app)
    {
        // In full: in a group the routes of the collection, and so the names of their spans, would end in a slash.
        app.MapPost(Paths.Generations, PostAsync);
        app.MapGet(Paths.Generations, List);
        app.MapGet(Paths.Generations + "/{id}", GetAsync);
        app.MapDelete(Paths.Generations + "/{id}", CancelAsync);
        app.MapPost(Paths.Retry("{id}"), RetryAsync);
        app.MapGet(Paths.Generations + "/{id}/events", EventsAsync);
        app.MapGet(Paths.Preview("{id}"), Preview);
        app.MapMethods("/api/images/{id}/{n:int:min(0)}.png", [HttpMethods.Get, HttpMethods.Head], ImageAsync);
    }

    private static async Task<IResult> PostAsync(
        HttpContext context, ModelCatalog models, TimeProvider time, Submissions submissions, CancellationToken cancellationToken)
    {
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var request = new GenerationRequest();
        // The content type is what keeps other sites' forms out: a browser asks first before it sends JSON across sites.
        if (!context.Request.HasJsonContentType())
            faults["body"] = ["The body must be JSON, with the content type application/json."];
        else
        {
            try
            {
                using var body = await JsonDocument.ParseAsync(context.Request.Body, Strict, cancellationToken);
                request = GenerationRequest.Read(body.RootElement, faults);
            }
            catch (JsonException e)
            {
                faults["body"] = [$"The body is no JSON: {e.Message}"];
            }
            catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
            {
                return Problems.TooLarge();
            }
        }
        if (faults.ContainsKey("body"))
            return Problems.Invalid(faults);

        var task = request.ToTask(models, time, ClientName, faults);
        if (faults.Count > 0)
            return Problems.Invalid(faults);
        try
        {
            var state = await submissions.SubmitAsync(task, cancellationToken);
            return TypedResults.Accepted(Paths.Generation(task.Id), GenerationView.Of(state));
        }
        catch (Exception e) when (Problems.IsPassing(e))
        {
            return Problems.Unavailable(context, e);
        }
    }

    private static IResult List(GenerationBoard board, string? limit, string? before)
    {
        var size = DefaultPageSize;
        var faults = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (limit is not null && (!int.TryParse(limit, out size) || size is < 1 or > MaxPageSize))
            faults["limit"] = [$"The parameter limit must be from 1 to {MaxPageSize}."];
        if (before is not null && !TaskId.IsValid(before))
            faults["before"] = ["The parameter before must be the id of a generation."];
        if (faults.Count > 0)
            return Problems.Invalid(faults);
        var page = board.Page(size + 1, before);
        var items = page.Take(size).Select(GenerationView.Of).ToArray();
        return TypedResults.Ok(new GenerationPage(
            items, page.Count > size ? $"{Paths.Generations}?limit={size}&before={items[^1].Id}" : null));
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string id, Records records, CancellationToken cancellationToken)
    {
        try
        {
            return await records.FindAsync(id, cancellationToken) is { } state
                ? TypedResults.Ok(GenerationView.Of(state))
                : Problems.NoSuch("generation");
        }
        catch (StorageUnavailableException e)
        {
            return Problems.Unavailable(context, e);
        }
    }

    private static Task<IResult> CancelAsync(
        HttpContext context, string id, Cancellations cancellations, CancellationToken cancellationToken) =>
        AnswerAsync(
            context, () => cancellations.CancelAsync(id, cancellationToken), state => TypedResults.Ok(GenerationView.Of(state)));

    private static Task<IResult> RetryAsync(
        HttpContext context, string id, Retries retries, CancellationToken cancellationToken) =>
        // Without a body there is no content type that would keep other sites out.
        OtherSites.Sent(context.Request)
            ? Task.FromResult(Problems.Forbidden("Another site may not do that."))
            : AnswerAsync(
                context, () => retries.RetryAsync(id, cancellationToken),
                state => TypedResults.Accepted(Paths.Generation(id), GenerationView.Of(state)));

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

    private static IResult Preview(HttpContext context, string id, GenerationBoard board)
    {
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
        HttpContext context, string id, Records records, GenerationBoard board, IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken)
    {
        try
        {
            return await records.FindAsync(id, cancellationToken) is { } state
                ? EventStream.Of(Follow(state, board, lifetime.ApplicationStopping, cancellationToken))
                : Problems.NoSuch("generation");
        }
        catch (StorageUnavailableException e)
        {
            return Problems.Unavailable(context, e);
        }
    }

    /// <summary>The present state first, then each change, until it has ended.</summary>
    private static async IAsyncEnumerable<SseItem<GenerationView>> Follow(
        GenerationState state, GenerationBoard board, CancellationToken stopping,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        while (true)
        {
            yield return new SseItem<GenerationView>(GenerationView.Of(state), "generation")
            {
                EventId = state.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            };
            if (state.IsFinished)
                yield break;
            GenerationState? next;
            do
            {
                var version = board.Version;
                next = board.Find(state.Task.Id);
                if (next?.Version == state.Version && !await EventStream.WaitAsync(board, version, until.Token))
                    yield break;
            } while (next?.Version == state.Version);
            if (next is null)
                yield break;
            state = next;
        }
    }

    private static async Task<IResult> ImageAsync(
        HttpContext context, string id, int n, IObjectStore store, CancellationToken cancellationToken)
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
