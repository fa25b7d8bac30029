using System.Collections.Concurrent;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

/// <summary>The events of one task, from the subscription on, as somebody who looks gets them.</summary>
internal sealed class EventLog : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<GenerationEvent> _seen = new();
    private Task _reading = Task.CompletedTask;
    private Onlooker? _onlooker;

    public IReadOnlyList<GenerationEvent> Seen => [.. _seen];

    /// <param name="looks">Whether previews are wanted.</param>
    public static async Task<EventLog> SubscribeAsync(House house, string id, bool looks = true)
    {
        var log = new EventLog { _onlooker = looks ? await house.Onlookers.LookAsync() : null };
        var subscribed = new TaskCompletionSource();
        log._reading = log.ReadAsync(house.Events.ReadAsync(_ =>
        {
            subscribed.SetResult();
            return Task.CompletedTask;
        }, log._end.Token), id);
        await await Task.WhenAny(subscribed.Task, log._reading);
        return log;
    }

    public Task UntilAsync(GenerationEventType type) => Eventually.TrueAsync(() => _seen.Any(e => e.Type == type));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        if (_onlooker is not null)
            await _onlooker.DisposeAsync();
        _end.Dispose();
    }

    private async Task ReadAsync(IAsyncEnumerable<GenerationEvent> events, string id)
    {
        try
        {
            await foreach (var e in events)
            {
                if (e.Id == id)
                    _seen.Enqueue(e);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
