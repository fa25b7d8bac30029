using System.Text.Json;

namespace SdAspire.WebUi.Api;

/// <summary>Why a request is refused before its fields are looked at.</summary>
internal sealed record Refusal(int Status, string Why);

/// <summary>The JSON that a request must come with.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The body, or why there is none.</summary>
    public static async Task<(JsonDocument? Body, Refusal? Refusal)> ReadAsync(
        HttpRequest request, CancellationToken cancellationToken)
    {
        // The content type is what keeps other sites' forms out: a browser asks first before it sends JSON across sites.
        if (!request.HasJsonContentType())
        {
            return Refused(
                StatusCodes.Status415UnsupportedMediaType, "The body must be JSON, with the content type application/json.");
        }
        try
        {
            return (await JsonDocument.ParseAsync(request.Body, Strict, cancellationToken), null);
        }
        catch (JsonException e)
        {
            return Refused(StatusCodes.Status400BadRequest, $"The body is no JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // Names are compared with each other, and half of a surrogate pair cannot be.
            return Refused(StatusCodes.Status400BadRequest, "The body has a field whose name is no text.");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Refused(e.StatusCode, "The body is too large.");
        }
    }

    /// <summary>The text; null where the value is none, and where it is half of a surrogate pair.</summary>
    public static string? TextOf(this JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static (JsonDocument?, Refusal) Refused(int status, string why) => (null, new Refusal(status, why));
}
