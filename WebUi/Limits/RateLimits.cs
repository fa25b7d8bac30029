using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.OpenAi;

namespace SdAspire.WebUi.Limits;

/// <summary>So many requests of a client in a minute and no more; probes are not counted.</summary>
internal static class RateLimits
{
    private const int SegmentsPerMinute = 6;
    private const int SecondsPerSegment = 60 / SegmentsPerMinute;

    private static readonly PathString[] Probes = ["/health", "/alive"];

    public static void AddLimits(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<LimitOptions>().BindConfiguration(LimitOptions.Section).ValidateDataAnnotations();
        services.AddOptionsWithValidateOnStart<PromptFilterOptions>()
            .BindConfiguration(PromptFilterOptions.Section)
            .Validate(options => options.Fault is null, "PromptFilter__Words has an entry without a letter or digit.");
        services.AddSingleton<PromptFilter>();
        services.AddHttpContextAccessor();
        services.AddSingleton<WaitingPrompts>();
        services.AddHostedService(provider => provider.GetRequiredService<WaitingPrompts>());
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<LimitOptions>>((limiter, limits) =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (IPAddress, bool)>(
                context => Partition(context, limits.Value));
            limiter.OnRejected = RejectAsync;
        });
    }

    private static RateLimitPartition<(IPAddress, bool)> Partition(HttpContext context, LimitOptions limits)
    {
        var request = context.Request;
        var changes = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method));
        var key = (ClientAddress.Of(context.Connection.RemoteIpAddress), changes);
        var permits = changes ? limits.ChangesPerMinute : limits.ReadsPerMinute;
        return permits == 0 || Probes.Any(path => request.Path.StartsWithSegments(path))
            ? RateLimitPartition.GetNoLimiter(key)
            : RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions
            {
                PermitLimit = permits, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = SegmentsPerMinute, QueueLimit = 0,
            });
    }

    private static async ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        const string why = "These are too many requests in a minute; try again later.";
        var context = rejected.HttpContext;
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after)
            ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds))
            : SecondsPerSegment;
        context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        var answer = OpenAiErrors.AreExpectedBy(context.Request) ? OpenAiErrors.TooMany(why) : Problems.TooMany(why);
        await answer.ExecuteAsync(context);
    }
}
