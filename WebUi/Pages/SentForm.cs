using Microsoft.AspNetCore.Antiforgery;

namespace SdAspire.WebUi.Pages;

/// <summary>The form that a browser sent, or why it is none.</summary>
/// <param name="Status">Of the answer, if it cannot be read.</param>
/// <param name="Fault">In one sentence; null if it can be read.</param>
internal sealed record SentForm(IFormCollection Fields, int Status, string? Fault)
{
    private const string TooOld = "The page was open for too long; please try again.";
    private const string TooLarge = "That is more than a form may hold.";
    private const string NoForm = "That is not a form.";

    public static async Task<SentForm> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        // Whoever asks for the token reads the form first: its size and shape are found wrong there already.
        if (context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false, Error: var refused })
            return OfUnreadable(refused?.InnerException) ?? Unreadable(StatusCodes.Status400BadRequest, TooOld);
        if (!context.Request.HasFormContentType)
            return Unreadable(StatusCodes.Status415UnsupportedMediaType, NoForm);
        try
        {
            return new(await context.Request.ReadFormAsync(cancellationToken), StatusCodes.Status200OK, null);
        }
        catch (Exception e) when (OfUnreadable(e) is { } unreadable)
        {
            return unreadable;
        }
    }

    private static SentForm? OfUnreadable(Exception? fault) => fault switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            Unreadable(StatusCodes.Status413PayloadTooLarge, TooLarge),
        InvalidDataException or IOException => Unreadable(StatusCodes.Status400BadRequest, NoForm),
        _ => null,
    };

    private static SentForm Unreadable(int status, string fault) => new(FormCollection.Empty, status, fault);
}
