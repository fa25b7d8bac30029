using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>What changed since a version of the board.</summary>
/// <param name="Version">The board's version with these changes.</param>
/// <param name="Withdrawn">Ids that are no longer on the board.</param>
/// <param name="Notices">What is wrong with the house, in words; null if that did not change.</param>
public sealed record BoardChanges(
    long Version, IReadOnlyList<GenerationState> States, IReadOnlyList<string> Withdrawn, IReadOnlyList<string>? Notices);

/// <summary>
/// All tasks that are known, in memory. Readers ask for what changed since the version they have, so a slow one skips
/// what is outdated and misses nothing that is not.
/// </summary>
public sealed class GenerationBoard(TimeProvider time)
{
    private const int WithdrawnToRemember = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, GenerationState> _states = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _ids = new(StringComparer.Ordinal);
    private readonly SortedSet<(long Version, string Id)> _versions = [];
    private readonly Queue<(long Version, string Id)> _withdrawn = new();
    private readonly SortedDictionary<string, string> _notices = new(StringComparer.Ordinal);
    private bool _isLoaded;
    private long _version;
    private long _noticesVersion;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>
    /// What was known of a task before, if anything, and what is known now. Raised while the board is locked: handlers are quick
    /// and leave it alone.
    /// </summary>
    public event Action<GenerationState?, GenerationState>? StateChanged;

    /// <summary>Tells the versions of this process from those of the one before.</summary>
    public string Epoch { get; } = Ulid.NewUlid().ToString();

    /// <summary>Whether what was accepted before this process began is on the board.</summary>
    public bool IsLoaded
    {
        get => Volatile.Read(ref _isLoaded);
        set => Volatile.Write(ref _isLoaded, value);
    }

    public long Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    public IReadOnlyList<string> Notices
    {
        get
        {
            lock (_gate)
                return [.. _notices.Values];
        }
    }

    /// <summary>Adds a task that was accepted; one that is known already stays as it is.</summary>
    public GenerationState Accept(GenerationTask task)
    {
        lock (_gate)
            return _states.TryGetValue(task.Id, out var known) ? known : Put(new GenerationState(task));
    }

    /// <summary>Shows a task as queued that had ended; one that has not stays as it is.</summary>
    public GenerationState Reopen(GenerationTask task)
    {
        lock (_gate)
        {
            return _states.TryGetValue(task.Id, out var known) && !known.IsFinished
                ? known
                : Put(new GenerationState(task) { QueuedAt = time.GetUtcNow() });
        }
    }

    /// <summary>It was heard of, though nothing of it has changed.</summary>
    public void Heard(string id)
    {
        lock (_gate)
        {
            if (_states.TryGetValue(id, out var state))
                _states[id] = state with { HeardAt = time.GetUtcNow() };
        }
    }

    /// <summary>Takes away a task that could not be queued, or whose pictures are gone.</summary>
    public void Withdraw(string id)
    {
        lock (_gate)
        {
            if (!_states.Remove(id, out var state))
                return;
            _ids.Remove(id);
            _versions.Remove((state.Version, id));
            _withdrawn.Enqueue((++_version, id));
            if (_withdrawn.Count > WithdrawnToRemember)
                _withdrawn.Dequeue();
            Signal();
        }
    }

    public void Apply(GenerationEvent news)
    {
        lock (_gate)
        {
            if (_states.TryGetValue(news.Id, out var state) && state.With(news) is var next && next != state)
                Put(next);
        }
    }

    /// <summary>The record in the bucket has the last word on a task.</summary>
    public GenerationState Apply(GenerationRecord record)
    {
        lock (_gate)
            return Put(GenerationState.From(record));
    }

    public GenerationState? Find(string id)
    {
        lock (_gate)
            return _states.GetValueOrDefault(id);
    }

    /// <summary>Tasks, newest first, that are older than the one named.</summary>
    public IReadOnlyList<GenerationState> Page(int limit, string? before = null)
    {
        lock (_gate)
        {
            var ids = before is null ? _ids : _ids.GetViewBetween("", before);
            return [.. ids.Reverse().Where(id => id != before).Take(limit).Select(id => _states[id])];
        }
    }

    /// <summary>Unfinished tasks that nothing was heard of since then: those being painted first, then the oldest.</summary>
    public IReadOnlyList<string> Unheard(DateTimeOffset since, int limit)
    {
        lock (_gate)
        {
            return [.. _states.Values
                .Where(state => !state.IsFinished && state.HeardAt < since)
                .OrderByDescending(state => state.Status)
                .ThenBy(state => state.Task.Id, StringComparer.Ordinal)
                .Take(limit)
                .Select(state => state.Task.Id)];
        }
    }

    /// <summary>
    /// Unfinished tasks of the model that nothing was heard of for so long, the oldest first; the time for those being painted is
    /// another one.
    /// </summary>
    public IReadOnlyList<GenerationState> Silent(string model, TimeSpan queued, TimeSpan running)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            return [.. _states.Values
                .Where(state => !state.IsFinished && state.Task.Model == model
                    && state.HeardAt <= now - (state.Status == GenerationStatus.Running ? running : queued))
                .OrderBy(state => state.Task.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>Tasks that ended, or that were accepted and have not ended, up to then.</summary>
    public IReadOnlyList<string> UpTo(DateTimeOffset limit)
    {
        lock (_gate)
        {
            return [.. _states.Values
                .Where(state => (state.FinishedAt ?? state.Task.CreatedAt) <= limit)
                .Select(state => state.Task.Id)];
        }
    }

    /// <summary>How many tasks of each model are being painted, without those that nothing was heard of since then.</summary>
    public IReadOnlyDictionary<string, int> CountRunning(DateTimeOffset since)
    {
        lock (_gate)
        {
            return _states.Values
                .Where(state => state.Status == GenerationStatus.Running && state.HeardAt >= since)
                .CountBy(state => state.Task.Model, StringComparer.Ordinal)
                .ToDictionary(StringComparer.Ordinal);
        }
    }

    /// <summary>Says what is wrong with a part of the house, or that it is well again.</summary>
    public void SetNotice(string part, string? notice)
    {
        lock (_gate)
        {
            if (_notices.GetValueOrDefault(part) == notice)
                return;
            if (notice is null)
                _notices.Remove(part);
            else
                _notices[part] = notice;
            _noticesVersion = ++_version;
            Signal();
        }
    }

    public BoardChanges ChangesSince(long version)
    {
        lock (_gate)
        {
            return new BoardChanges(
                _version,
                [.. _versions.GetViewBetween((version + 1, ""), (long.MaxValue, "")).Select(entry => _states[entry.Id])],
                [.. _withdrawn.Where(entry => entry.Version > version).Select(entry => entry.Id)],
                _noticesVersion > version ? [.. _notices.Values] : null);
        }
    }

    /// <summary>Completes once the board is beyond the version.</summary>
    public Task WaitForChangeAsync(long version, CancellationToken cancellationToken)
    {
        lock (_gate)
            return _version > version ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
    }

    private GenerationState Put(GenerationState state)
    {
        var id = state.Task.Id;
        if (_states.TryGetValue(id, out var previous))
            _versions.Remove((previous.Version, id));
        else
            _ids.Add(id);
        state = state with { Version = ++_version, HeardAt = time.GetUtcNow() };
        _states[id] = state;
        _versions.Add((state.Version, id));
        StateChanged?.Invoke(previous, state);
        Signal();
        return state;
    }

    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
