using SdAspire.Generation;
using SdAspire.WebUi.Metrics;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// How fast the house is, from what the board is told: the same on every replica, up to what was before it began.
/// </summary>
public sealed class Throughput : IHostedService
{
    private const double SecondsPerHour = 3600;

    // A worker that was killed says nothing; loading a large model takes minutes in which nothing is said either.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly GenerationBoard _board;
    private readonly MetricsOptions _options;
    private readonly TimeProvider _time;
    private readonly Queue<(DateTimeOffset At, int Pictures)> _recent = new();
    private readonly Dictionary<string, TaskSeconds> _taskSeconds = new(StringComparer.Ordinal);
    private string? _fromZero;
    private double? _secondsFromZero;
    private double _workerSeconds;
    private double _cost;
    private long _pictures;

    public Throughput(GenerationBoard board, MetricsOptions options, TimeProvider time)
    {
        (_board, _options, _time) = (board, options, time);
        BeganAt = time.GetUtcNow();
    }

    /// <summary>When this replica began.</summary>
    public DateTimeOffset BeganAt { get; }

    /// <summary>Pictures that were painted in the last minute.</summary>
    public int PicturesPerMinute
    {
        get
        {
            lock (_gate)
            {
                Forget(_time.GetUtcNow());
                return _recent.Sum(done => done.Pictures);
            }
        }
    }

    /// <summary>
    /// From a prompt that found nothing else to do until its first picture, the last time that this happened; null if it has not yet.
    /// </summary>
    public double? SecondsToFirstPicture
    {
        get
        {
            lock (_gate)
                return _secondsFromZero;
        }
    }

    /// <summary>What was painted, and what workers were needed for, as far as the gallery knows.</summary>
    public (long Pictures, double WorkerSeconds, double? Cost) Totals
    {
        get
        {
            lock (_gate)
                return (_pictures, _workerSeconds, _options.PricePerHour.Count > 0 ? _cost : null);
        }
    }

    /// <summary>Tasks that are being painted, as far as is known.</summary>
    public IReadOnlyList<GenerationState> Running() => _board.Running(_time.GetUtcNow() - LongestSilence);

    /// <summary>When its pictures can be expected, in seconds from now; null if nothing can be said.</summary>
    public double? EstimateSeconds(GenerationState state)
    {
        if (state.IsFinished)
            return null;
        if (state.Status == GenerationStatus.Running)
            return Rounded(OfRunning(state));
        if (_board.PlaceOf(state) is not { } place)
            return null;
        var running = Running().Where(other => other.Task.Model == state.Task.Model).ToList();
        var before = running.Sum(other => OfRunning(other) ?? 0) + Known(state, place.WorkBefore, place.Position - 1);
        return Rounded((before / Math.Max(1, running.Count)) + Known(state, state.Work, tasks: 1));

        static double? Rounded(double? seconds) => seconds is { } known ? Math.Round(known, 1) : null;
    }

    private double? OfRunning(GenerationState state) => OfOwnPace(state) ?? (Known(state, state.Work, tasks: 1) * LeftOf(state));

    private double? Known(GenerationState state, double work, int tasks)
    {
        lock (_gate)
            return _taskSeconds.TryGetValue(state.Task.Model, out var known) ? known.Of(work, tasks) : null;
    }

    /// <summary>By what its own steps took so far; null before two of them are known.</summary>
    private double? OfOwnPace(GenerationState state) =>
        state is { Progress: { } now, FirstProgress: { } first } && now.Done - first.Progress.Done is > 0 and var steps
            ? (_time.GetUtcNow() - first.At).TotalSeconds / steps * Math.Max(0, (state.Task.Count * now.Of) - now.Done)
            : null;

    private static double LeftOf(GenerationState state) =>
        state.Progress is { } now ? Math.Max(0, 1 - ((double)now.Done / (state.Task.Count * now.Of))) : 1;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _board.StateChanged += OnStateChanged;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _board.StateChanged -= OnStateChanged;
        return Task.CompletedTask;
    }

    private void OnStateChanged(GenerationState? before, GenerationState after)
    {
        lock (_gate)
        {
            if (!after.IsFinished && before is null or { IsFinished: true } && _board is { IsLoaded: true, CountUnfinished: 1 })
                _fromZero = after.Task.Id;
            else if (after.IsFinished && before is not { IsFinished: true })
                Finished(after);
            else if (_fromZero == after.Task.Id && after.Progress is { Picture: > 0 })
                HasFirstPicture(after, _time.GetUtcNow());
            // The event says that it is done, the record after it what it took.
            else if (after.WorkerSeconds is not null && before is { WorkerSeconds: null })
                Paid(after);
        }
    }

    private void Finished(GenerationState state)
    {
        if (state.Status == GenerationStatus.Done)
        {
            _pictures += state.Pictures.Count;
            var at = state.FinishedAt ?? _time.GetUtcNow();
            if (at > _time.GetUtcNow() - Window)
                _recent.Enqueue((at, state.Pictures.Count));
            Forget(_time.GetUtcNow());
            if (_fromZero == state.Task.Id)
                HasFirstPicture(state, at);
        }
        if (_fromZero == state.Task.Id)
            _fromZero = null;
        Paid(state);
    }

    private void HasFirstPicture(GenerationState state, DateTimeOffset at)
    {
        _secondsFromZero = Math.Round(Math.Max(0, (at - state.QueuedAt).TotalSeconds), 2);
        _fromZero = null;
    }

    private void Paid(GenerationState state)
    {
        if (state is not { WorkerSeconds: { } seconds })
            return;
        var model = state.Task.Model;
        _workerSeconds += seconds;
        if (_options.PricePerHour.TryGetValue(model, out var price))
            _cost += seconds * price / SecondsPerHour;
        if (state is not { Status: GenerationStatus.Done, FinishedAt: { } at, Work: > 0 })
            return;
        if (!_taskSeconds.TryGetValue(model, out var known))
            _taskSeconds[model] = known = new();
        known.Learn(at, state.Work, seconds);
    }

    private void Forget(DateTimeOffset now)
    {
        while (_recent.TryPeek(out var oldest) && oldest.At <= now - Window)
            _recent.Dequeue();
    }
}
