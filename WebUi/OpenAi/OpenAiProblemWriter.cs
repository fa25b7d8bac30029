using Microsoft.AspNetCore.WebUtilities;

namespace SdAspire.WebUi.OpenAi;

/// <summary>What goes wrong under <c>/v1</c> before an endpoint is reached, or unexpectedly in it, in OpenAI's shape.</summary>
internal sealed class OpenAiProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => OpenAiErrors.AreExpectedBy(context.HttpContext.Request);

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        var status = problem.Status ?? http.Response.StatusCode;
        return new(OpenAiErrors.Of(status, problem.Title ?? ReasonPhrases.GetReasonPhrase(status)).ExecuteAsync(http));
    }
}
