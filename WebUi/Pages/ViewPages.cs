using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Components;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Pages;

/// <summary>What the large view shows.</summary>
/// <param name="Since">The version of the board that this is, for the stream of what comes later.</param>
/// <param name="Newer">The id of the next younger generation; null at the beginning.</param>
/// <param name="Older">The id of the next older generation; null at the end.</param>
public sealed record ViewModel(
    GenerationState State, string Since, AntiforgeryTokenSet Antiforgery, string? Newer, string? Older);

/// <summary>The large view of one generation, with all that is known of it.</summary>
internal static class ViewPages
{
    public static void MapViews(this IEndpointRouteBuilder app) => app.MapRead(Links.View("{id}"), GetAsync);

    private static async Task<IResult> GetAsync(
        HttpContext context, string id, Records records, GenerationBoard board, Audience audience, IAntiforgery antiforgery,
        CancellationToken cancellationToken)
    {
        audience.Look();
        try
        {
            var since = GalleryStream.Token(board.Epoch, board.Version);
            if (await records.FindAsync(id, cancellationToken) is not { } state)
                return Home.Show(context, null, StatusCodes.Status404NotFound, "There is no such generation.");
            return new RazorComponentResult<ViewPage>(new
            {
                Model = new ViewModel(
                    state, since, antiforgery.GetAndStoreTokens(context),
                    IdOf(board.Page(1, new BoardQuery { After = id })), IdOf(board.Page(1, id))),
            });
        }
        catch (StorageUnavailableException e)
        {
            return Home.Show(context, null, StatusCodes.Status503ServiceUnavailable, Problems.Title(e));
        }
    }

    private static string? IdOf(IReadOnlyList<GenerationState> states) => states is [var state] ? state.Task.Id : null;
}
