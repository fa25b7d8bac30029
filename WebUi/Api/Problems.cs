using SdAspire.Generation;
using SdAspire.WebUi.Limits;
using SdAspire.WebUi.OpenAi;

namespace SdAspire.WebUi.Api;

/// <summary>The API's refusals, as RFC 9457 problem details.</summary>
internal static class Problems
{
    private const int RetryAfterSeconds = 5;

    public static IResult Invalid(IDictionary<string, string[]> faults) =>
        TypedResults.ValidationProblem(faults, detail: string.Join(" ", faults.Values.SelectMany(messages => messages)),
            title: "The request was refused and nothing was queued.");

    public static IResult Refused(Refusal refusal) => refusal.Status == StatusCodes.Status400BadRequest
        ? Invalid(new Dictionary<string, string[]> { ["body"] = [refusal.Why] })
        : TypedResults.Problem(title: refusal.Why, statusCode: refusal.Status);

    public static IResult NoSuch(string what) =>
        TypedResults.Problem(title: $"There is no such {what}.", statusCode: StatusCodes.Status404NotFound);

    public static IResult Forbidden(string why) =>
        TypedResults.Problem(title: why, statusCode: StatusCodes.Status403Forbidden);

    public static IResult Conflict(string why) =>
        TypedResults.Problem(title: why, statusCode: StatusCodes.Status409Conflict);

    public static IResult Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"SdAspire\"";
        if (OpenAiErrors.AreExpectedBy(context.Request))
            return OpenAiErrors.Unauthorized();
        return TypedResults.Problem(
            title: "Not without a key.", detail: "Send the header Authorization: Bearer KEY, or log in on the page.",
            statusCode: StatusCodes.Status401Unauthorized);
    }

    public static IResult TimedOut() =>
        TypedResults.Problem(title: "The request took too long.", statusCode: StatusCodes.Status504GatewayTimeout);

    public static IResult TooMany(string why) =>
        TypedResults.Problem(title: why, statusCode: StatusCodes.Status429TooManyRequests);

    public static IResult Unavailable(HttpContext context, Exception reason)
    {
        SetRetryAfter(context);
        return TypedResults.Problem(title: Title(reason), detail: reason.Message, statusCode: StatusOf(reason));
    }

    public static void SetRetryAfter(HttpContext context) =>
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What the status of a failure is that passes.</summary>
    public static int StatusOf(Exception reason) => reason is TooManyWaitingException
        ? StatusCodes.Status429TooManyRequests
        : StatusCodes.Status503ServiceUnavailable;

    /// <summary>Whether the failure passes by itself, so that the client may try again.</summary>
    public static bool IsPassing(Exception e) => e is BrokerException or StorageUnavailableException or TooManyWaitingException;

    /// <summary>The failure in words for anyone.</summary>
    public static string Title(Exception reason) => reason switch
    {
        TooManyWaitingException => reason.Message,
        QueueFullException => "The queue is full; try again in a while.",
        StorageUnavailableException => "The storage cannot be reached right now; nothing was done.",
        _ => "The message broker cannot be reached right now; nothing was done.",
    };
}
