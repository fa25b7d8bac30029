using System.Net.ServerSentEvents;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Api;

/// <summary>What the server-sent event streams have in common.</summary>
internal static class EventStream
{
    public static IResult Of<T>(IAsyncEnumerable<SseItem<T>> events) => new NoBuffering(TypedResults.ServerSentEvents(events));

    /// <summary>Waits for the board to change; false once the client or the service goes.</summary>
    public static async Task<bool> WaitAsync(GenerationBoard board, long version, CancellationToken cancellationToken)
    {
        try
        {
            await board.WaitForChangeAsync(version, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class NoBuffering(IResult events) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            // Proxies that gather what they pass on (nginx) would hold the news back.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            return events.ExecuteAsync(context);
        }
    }
}
