using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.OpenAi;

namespace SdAspire.WebUi.Limits;

/// <summary>How large a request may be, and how long it may take; streams, and what waits for pictures, have an end of their own.</summary>
internal static class RequestLimits
{
    private const int MaxBodyBytes = 64 * 1024;
    private const int MaxConnections = 10_000;
    private const double SlowestBytesPerSecond = 240;

    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    public static void AddRequestLimits(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.MinRequestBodyDataRate = new(SlowestBytesPerSecond, GracePeriod);
            // Who does not read what is sent keeps memory.
            kestrel.Limits.MinResponseDataRate = new(SlowestBytesPerSecond, GracePeriod);
        });
        builder.Services.AddRequestTimeouts();
        builder.Services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<LimitOptions>>((timeouts, limits) =>
        {
            if (limits.Value.RequestSeconds is > 0 and var seconds)
            {
                timeouts.DefaultPolicy = new RequestTimeoutPolicy
                {
                    Timeout = TimeSpan.FromSeconds(seconds), WriteTimeoutResponse = AnswerAsync,
                };
            }
        });
    }

    private static Task AnswerAsync(HttpContext context) =>
        (OpenAiErrors.AreExpectedBy(context.Request) ? OpenAiErrors.TimedOut() : Problems.TimedOut()).ExecuteAsync(context);
}
