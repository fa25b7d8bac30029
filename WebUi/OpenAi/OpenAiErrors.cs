using System.Text.Json.Serialization;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.OpenAi;

/// <summary>What went wrong, in OpenAI's shape.</summary>
public sealed record OpenAiFailure(OpenAiError Error);

/// <summary>Why a request was refused, or failed.</summary>
/// <param name="Message">In words.</param>
/// <param name="Type">The kind of fault.</param>
/// <param name="Param">The field that is wrong.</param>
/// <param name="Code">For programs to compare.</param>
public sealed record OpenAiError(string Message, string Type, string? Param, string? Code);

/// <summary>Refusals as the clients of OpenAI's API read them.</summary>
internal static class OpenAiErrors
{
    private static readonly PathString Root = "/v1";

    /// <summary>Whether whoever asks expects this shape.</summary>
    public static bool AreExpectedBy(HttpRequest request) => request.Path.StartsWithSegments(Root);

    public static IResult Invalid(string message, string? param, string? code = null) =>
        Of(StatusCodes.Status400BadRequest, message, "invalid_request_error", param, code);

    public static IResult NoSuchModel(string name) => Of(
        StatusCodes.Status404NotFound, $"The model '{name}' does not exist.", "invalid_request_error", "model", "model_not_found");

    public static IResult NoSuchPath(HttpRequest request) => Of(
        StatusCodes.Status404NotFound, $"There is no {request.Method} {request.Path} here.", "invalid_request_error", null,
        "unknown_url");

    /// <summary>What has no code of its own.</summary>
    public static IResult Of(int status, string message)
    {
        var type = status < StatusCodes.Status500InternalServerError ? "invalid_request_error" : "server_error";
        return Of(status, message, type, null, null);
    }

    public static IResult Unauthorized() => Of(
        StatusCodes.Status401Unauthorized, "The API key is missing or wrong: send the header Authorization: Bearer KEY.",
        "invalid_request_error", null, "invalid_api_key");

    public static IResult TooMany(string why) =>
        Of(StatusCodes.Status429TooManyRequests, why, "requests", null, "rate_limit_exceeded");

    public static IResult TimedOut() => Of(
        StatusCodes.Status504GatewayTimeout, "The request took too long.", "server_error", null, "timeout");

    public static IResult Failed(string why) => Of(StatusCodes.Status500InternalServerError, why);

    public static IResult Passing(HttpContext context, Exception reason)
    {
        Problems.SetRetryAfter(context);
        return reason is TooManyWaitingException
            ? TooMany(reason.Message)
            : Of(StatusCodes.Status503ServiceUnavailable, Problems.Title(reason), "server_error", null,
                reason is QueueFullException ? "queue_full" : "unavailable");
    }

    private static IResult Of(int status, string message, string type, string? param, string? code) => TypedResults.Json(
        new OpenAiFailure(new OpenAiError(message, type, param, code)), OpenAiJson.Default.OpenAiFailure, statusCode: status);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OpenAiFailure))]
[JsonSerializable(typeof(OpenAiModel))]
[JsonSerializable(typeof(OpenAiModels))]
[JsonSerializable(typeof(OpenAiImages))]
internal sealed partial class OpenAiJson : JsonSerializerContext;
