using Microsoft.AspNetCore.Antiforgery;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Components;
using SdAspire.WebUi.Gallery;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.Pages;

/// <summary>
/// The buttons on the cards, for a browser that runs no script: all of them send one form of the page, each to its own address.
/// </summary>
internal static class CardActions
{
    /// <summary>The id of the form that the buttons belong to.</summary>
    public const string Form = "act";

    /// <summary>The field that says which page the browser shows.</summary>
    public const string Before = "before";

    /// <summary>The field that says that the browser shows the large view, and wants to stay there.</summary>
    public const string View = "view";

    public static string Retry(string id) => $"/generations/{id}/retry";

    public static string Cancel(string id) => $"/generations/{id}/cancel";

    /// <summary>The same with another seed.</summary>
    public static string Again(string id) => $"/generations/{id}/again";

    public static string Delete(string id) => $"/generations/{id}/delete";

    public static void MapCardActions(this IEndpointRouteBuilder app)
    {
        app.MapPost(Retry("{id}"), RetryAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
        app.MapPost(Cancel("{id}"), CancelAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
        app.MapPost(Again("{id}"), AgainAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
        app.MapPost(Delete("{id}"), DeleteAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
    }

    private static Task<IResult> RetryAsync(
        HttpContext context, string id, Retries retries, CancellationToken cancellationToken) =>
        ActAsync(context, () => retries.RetryAsync(id, cancellationToken), cancellationToken);

    private static Task<IResult> CancelAsync(
        HttpContext context, string id, Cancellations cancellations, CancellationToken cancellationToken) =>
        ActAsync(context, () => cancellations.CancelAsync(id, cancellationToken), cancellationToken);

    private static Task<IResult> DeleteAsync(
        HttpContext context, string id, Deletions deletions, CancellationToken cancellationToken) =>
        ActAsync(context, () => deletions.DeleteAsync(id, cancellationToken), cancellationToken, isGone: true);

    private static Task<IResult> AgainAsync(
        HttpContext context, string id, Records records, Submissions submissions, ModelCatalog models, PromptFilter filter,
        TimeProvider time, CancellationToken cancellationToken) =>
        ActAsync(context, async () =>
        {
            if (await records.FindAsync(id, cancellationToken) is not { Task: var task } state)
                return Outcome.Unknown;
            if (models.Find(task.Model) is null)
                return new Outcome(state, $"The model '{task.Model}' is not served any more.");
            // The list of words may be younger than the picture.
            if (filter.Fault(task.Prompt) is { } refusal)
                return new Outcome(state, refusal);
            return new Outcome(await submissions.SubmitAsync(task with
            {
                Id = TaskId.New(time), CreatedAt = time.GetUtcNow(), Seed = Seeds.Draw(task.Count), Group = null,
            }, cancellationToken));
        }, cancellationToken);

    private static async Task<IResult> ActAsync(
        HttpContext context, Func<Task<Outcome>> act, CancellationToken cancellationToken, bool isGone = false)
    {
        var sent = await SentForm.ReadAsync(context, cancellationToken);
        if (sent.Fault is { } fault)
            return Home.Show(context, null, sent.Status, fault);
        var form = sent.Fields;
        var before = form[Before] is [{ } last] && TaskId.IsValid(last) ? last : null;
        try
        {
            return await act() switch
            {
                { State: null } => Home.Show(context, before, StatusCodes.Status404NotFound, "There is no such generation."),
                { Refusal: { } why } => Home.Show(context, before, StatusCodes.Status409Conflict, why),
                { State.Task.Id: var id } when !isGone && form.ContainsKey(View) => TypedResults.LocalRedirect("~" + Links.View(id)),
                _ => TypedResults.LocalRedirect(before is null ? "~/" : $"~/?{Before}={before}"),
            };
        }
        catch (Exception e) when (Problems.IsPassing(e))
        {
            return Home.Show(context, before, Problems.StatusOf(e), Problems.Title(e));
        }
    }
}
