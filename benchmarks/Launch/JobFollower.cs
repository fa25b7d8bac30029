using System.Collections.Concurrent;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace SdAspire.Bench.Launch;

/// <summary>Follows the launcher's jobs over its <c>/jobs/events</c>.</summary>
internal sealed class JobFollower : IAsyncDisposable
{
    // Of the worker's log.
    private const string MainLine = "Main() was entered at ";
    private const string TakenLine = "Took a message at ";

    private readonly HttpClient _http;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _following;
    private readonly ConcurrentDictionary<string, ObservedJob> _jobs = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JobFollower(Uri launcher)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = launcher, Timeout = Timeout.InfiniteTimeSpan };
        _following = FollowAsync(_ended.Token);
    }

    public IReadOnlyCollection<ObservedJob> Jobs => [.. _jobs.Values];

    /// <summary>Waits until every job that was seen has ended.</summary>
    public async Task AllEndedAsync(int atLeast, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (_jobs.Count >= atLeast && _jobs.Values.All(job => job.HasEnded))
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _ended.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var stream = await _http.GetStreamAsync("/jobs/events", cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            using var json = JsonDocument.Parse(item.Data);
            if (item.EventType == "job")
                Changed(json.RootElement);
            else if (item.EventType == "line")
                Wrote(json.RootElement);
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    private void Changed(JsonElement job)
    {
        var name = job.GetProperty("name").GetString()!;
        var state = job.GetProperty("state").GetString();
        _jobs.AddOrUpdate(
            name,
            _ => new ObservedJob(name, job.GetProperty("startedAt").GetDateTimeOffset(), null, null, false, false),
            (_, known) => known with
            {
                HasTaken = known.HasTaken || state == "running", HasEnded = state is "succeeded" or "failed",
            });
    }

    private void Wrote(JsonElement line)
    {
        if (!_jobs.TryGetValue(line.GetProperty("name").GetString()!, out var job))
            return;
        var text = line.GetProperty("text").GetString()!;
        _jobs[job.Name] = job with { MainAt = job.MainAt ?? When(text, MainLine), TakenAt = job.TakenAt ?? When(text, TakenLine) };
    }

    private static DateTimeOffset? When(string text, string what)
    {
        var at = text.IndexOf(what, StringComparison.Ordinal);
        return at < 0 ? null : DateTimeOffset.Parse(text[(at + what.Length)..], CultureInfo.InvariantCulture);
    }
}

/// <summary>A job as the launcher tells of it.</summary>
/// <param name="StartedAt">When its process had been started.</param>
/// <param name="MainAt">When its program was entered.</param>
/// <param name="TakenAt">When it had taken its first message.</param>
/// <param name="HasTaken">Whether it took a message.</param>
internal sealed record ObservedJob(
    string Name, DateTimeOffset StartedAt, DateTimeOffset? MainAt, DateTimeOffset? TakenAt, bool HasTaken, bool HasEnded);
