using Microsoft.AspNetCore.Antiforgery;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Gallery;

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

    public static string Retry(string id) => $"/generations/{id}/retry";

    public static string Cancel(string id) => $"/generations/{id}/cancel";

    public static void MapCardActions(this IEndpointRouteBuilder app)
    {
        app.MapPost(Retry("{id}"), RetryAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
        app.MapPost(Cancel("{id}"), CancelAsync).WithMetadata(new RequireAntiforgeryTokenAttribute());
    }

    private static Task<IResult> RetryAsync(
        HttpContext context, string id, Retries retries, CancellationToken cancellationToken) =>
        ActAsync(context, () => retries.RetryAsync(id, cancellationToken), cancellationToken);

    private static Task<IResult> CancelAsync(
        HttpContext context, string id, Cancellations cancellations, CancellationToken cancellationToken) =>
        ActAsync(context, () => cancellations.CancelAsync(id, cancellationToken), cancellationToken);

    private static async Task<IResult> ActAsync(
        HttpContext context, Func<Task<Outcome>> act, CancellationToken cancellationToken)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false })
            return Home.Show(context, null, StatusCodes.Status400BadRequest, "The page was open for too long; please try again.");
        var form = await context.Request.ReadFormAsync(cancellationToken);
        var before = form[Before] is [{ } last] && TaskId.IsValid(last) ? last : null;
        try
        {
            return await act() switch
            {
                { State: null } => Home.Show(context, before, StatusCodes.Status404NotFound, "There is no such generation."),
                { Refusal: { } why } => Home.Show(context, before, StatusCodes.Status409Conflict, why),
                _ => TypedResults.LocalRedirect(before is null ? "~/" : $"~/?{Before}={before}"),
            };
        }
        catch (Exception e) when (Problems.IsPassing(e))
        {
            return Home.Show(context, before, StatusCodes.Status503ServiceUnavailable, Problems.Title(e));
        }
    }
}
