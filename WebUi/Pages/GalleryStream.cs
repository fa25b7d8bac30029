using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http.Timeouts;
using SdAspire.Generation;
using SdAspire.WebUi.Api;
using SdAspire.WebUi.Components;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Pages;

/// <summary>
/// What happened, for the page: a card to show anew, progress on one that is shown, one to take away, or notices.
/// </summary>
public sealed record GalleryNews
{
    public string? Id { get; init; }

    public string? Html { get; init; }

    public double? Value { get; init; }

    public string? Text { get; init; }

    /// <summary>Where the preview is.</summary>
    public string? Preview { get; init; }

    public IReadOnlyList<string>? Notices { get; init; }

    public HouseView? House { get; init; }

    /// <summary>What cards say of their places in the line and of the time that they need, by id.</summary>
    public IReadOnlyDictionary<string, string>? Lines { get; init; }

    /// <summary>How the house was before, the oldest first.</summary>
    public IReadOnlyList<HouseSample>? Past { get; init; }
}

/// <summary>
/// Keeps the page up to date. Cards come as HTML from the component that rendered the page; an id names the board's
/// version, so that a browser that reconnects is told what it missed, and one that knows nothing gets the present state.
/// </summary>
internal static class GalleryStream
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void MapGalleryStream(this IEndpointRouteBuilder app) =>
        app.MapGet("/gallery/events", Get).WithMetadata(new DisableRequestTimeoutAttribute());

    public static string Token(string epoch, long version) => string.Create(CultureInfo.InvariantCulture, $"{epoch}-{version}");

    private static IResult Get(
        HttpContext context, GenerationBoard board, Audience audience, IServiceProvider services, ILoggerFactory loggers,
        IHostApplicationLifetime lifetime, string? since, string? from, string? only, CancellationToken cancellationToken)
    {
        var last = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } id ? id : since;
        return EventStream.Of(ReadAsync(
            board, audience, services, loggers, VersionOf(last, board.Epoch), TaskId.IsValid(from) ? from : null, only,
            lifetime.ApplicationStopping, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<GalleryNews>> ReadAsync(
        GenerationBoard board, Audience audience, IServiceProvider services, ILoggerFactory loggers, long version, string? from,
        string? only, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var seat = audience.Watch();
        using var until = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        var running = new HashSet<string>(StringComparer.Ordinal);
        var house = ActivatorUtilities.CreateInstance<HouseNews>(services);
        var isFirst = true;
        while (true)
        {
            var changes = board.ChangesSince(version);
            // One for each batch: a renderer keeps what it rendered until it is disposed.
            await using var renderer = new HtmlRenderer(services, loggers);
            // What is older than anything on the page does not concern it.
            var oldest = from ?? board.Page(Home.PageSize) switch { [.., var last] => last.Task.Id, _ => "" };
            var news = new List<SseItem<GalleryNews>>();
            // At first always: a browser that lost the line shows a notice of its own about that.
            if ((isFirst ? board.Notices : changes.Notices) is { } notices)
                news.Add(new(new GalleryNews { Notices = notices }, "notices"));
            news.AddRange(changes.Withdrawn.Select(id => new SseItem<GalleryNews>(new GalleryNews { Id = id }, "removed")));
            foreach (var state in changes.States)
            {
                if (!IsShown(state.Task.Id))
                    continue;
                if (state.Progress is { } progress && !running.Add(state.Task.Id))
                {
                    news.Add(new(new GalleryNews
                    {
                        Id = state.Task.Id,
                        Value = progress.Done,
                        Text = GenerationCard.ProgressText(state),
                        Preview = GenerationCard.PreviewUrl(state),
                    }, "progress"));
                    continue;
                }
                if (state.Progress is null)
                    running.Remove(state.Task.Id);
                news.Add(new(new GalleryNews { Id = state.Task.Id, Html = await RenderAsync(renderer, state) }, "card"));
            }
            version = changes.Version;
            isFirst = false;
            // The id goes with the last of the batch: a stream that breaks in the middle repeats the batch.
            var (figures, isEarly) = house.Next(IsShown);
            if (figures is not null)
                news.Add(new(figures, "house"));
            news.Add(new(new GalleryNews(), "ping") { EventId = Token(board.Epoch, version) });
            foreach (var item in news)
                yield return item;

            if (!await WaitAsync(board, version, isEarly ? HouseNews.Pause : Heartbeat, until.Token))
                yield break;

            bool IsShown(string id) => only is null ? string.CompareOrdinal(id, oldest) >= 0 : id == only;
        }
    }

    /// <summary>
    /// Waits for a change, or for the time to show that the line is alive; false once the client or the service goes.
    /// </summary>
    private static async Task<bool> WaitAsync(
        GenerationBoard board, long version, TimeSpan most, CancellationToken cancellationToken)
    {
        using var heartbeat = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        heartbeat.CancelAfter(most);
        return await EventStream.WaitAsync(board, version, heartbeat.Token) || !cancellationToken.IsCancellationRequested;
    }

    private static Task<string> RenderAsync(HtmlRenderer renderer, GenerationState state) =>
        renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(
                new Dictionary<string, object?> { [nameof(GenerationCard.State)] = state });
            return (await renderer.RenderComponentAsync<GenerationCard>(parameters)).ToHtmlString();
        });

    private static long VersionOf(string? token, string epoch) =>
        token?.Split('-') is [var itsEpoch, var version] && itsEpoch == epoch
        && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
