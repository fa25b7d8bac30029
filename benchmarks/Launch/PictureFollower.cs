using System.Collections.Concurrent;
using SdAspire.Generation;

namespace SdAspire.Bench.Launch;

/// <summary>Follows the workers' events until each picture that is waited for is done.</summary>
internal sealed class PictureFollower : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Followed> _pictures = new();
    private readonly CancellationTokenSource _ended = new();
    private Task _following = Task.CompletedTask;

    public static async Task<PictureFollower> StartAsync(EventSubscriber events, CancellationToken cancellationToken)
    {
        var follower = new PictureFollower();
        var subscribed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        follower._following = follower.FollowAsync(events, subscribed);
        await subscribed.Task.WaitAsync(cancellationToken);
        return follower;
    }

    /// <summary>Ask before publishing.</summary>
    public Task<ObservedPicture> DoneAsync(string id) => _pictures.GetOrAdd(id, _ => new Followed()).Done.Task;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task FollowAsync(EventSubscriber events, TaskCompletionSource subscribed)
    {
        try
        {
            await ReadAsync(events, subscribed);
        }
        catch (Exception exception) when (!_ended.IsCancellationRequested)
        {
            // Nobody is to wait for what will never be heard.
            subscribed.TrySetException(exception);
            foreach (var picture in _pictures.Values)
                picture.Done.TrySetException(exception);
        }
    }

    private async Task ReadAsync(EventSubscriber events, TaskCompletionSource subscribed)
    {
        await foreach (var news in events.ReadAsync(_ => { subscribed.SetResult(); return Task.CompletedTask; }, _ended.Token))
        {
            if (!_pictures.TryGetValue(news.Id, out var picture))
                continue;
            picture.Observed = news.Type switch
            {
                GenerationEventType.Started => picture.Observed with { Worker = news.Worker },
                GenerationEventType.Step => picture.Observed with { FirstStepAt = picture.Observed.FirstStepAt ?? news.At },
                GenerationEventType.Done => picture.Observed with { DoneAt = news.At },
                GenerationEventType.Failed => throw new InvalidOperationException($"Painting failed: {news.Reason}"),
                _ => picture.Observed,
            };
            if (picture.Observed.DoneAt is not null)
                picture.Done.TrySetResult(picture.Observed);
        }
    }

    private sealed class Followed
    {
        public ObservedPicture Observed { get; set; } = new(null, null, null);

        public TaskCompletionSource<ObservedPicture> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What a picture's worker said, by its own clock.</summary>
/// <param name="Worker">Its name, which is its job's.</param>
internal sealed record ObservedPicture(string? Worker, DateTimeOffset? FirstStepAt, DateTimeOffset? DoneAt);
