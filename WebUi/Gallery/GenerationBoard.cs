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
    private const int WithdrawnToRemember = 20_000;

    // A search through the whole gallery keeps nobody else waiting for long.
    private const int LookedAtOnce = 4096;

    // Behind every ULID.
    private const string LastOfIds = "~";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, GenerationState> _states = new(StringComparer.Ordinal);
    private readonly StateList _order = new();
    private readonly SortedSet<string> _unfinished = new(StringComparer.Ordinal);
    private readonly HashSet<string> _running = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WaitingLine> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource> _watched = new(StringComparer.Ordinal);
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

    /// <summary>Adds tasks that were accepted together.</summary>
    public IReadOnlyList<GenerationState> Accept(IReadOnlyList<GenerationTask> tasks)
    {
        lock (_gate)
            return [.. tasks.Select(Accept)];
    }

    /// <summary>Adds many states at once; what is known already and has not to be told better stays as it is.</summary>
    public void Load(IReadOnlyCollection<GenerationState> states)
    {
        lock (_gate)
        {
            foreach (var state in states)
            {
                if (!_states.TryGetValue(state.Task.Id, out var known))
                    Put(state);
                else if (!known.IsFinished && state.IsFinished)
                    Put(state);
            }
        }
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
            {
                _states[id] = state = state with { HeardAt = time.GetUtcNow() };
                _order.Put(state);
            }
        }
    }

    /// <summary>Takes away a task that could not be queued, or whose pictures are gone.</summary>
    public void Withdraw(string id)
    {
        lock (_gate)
        {
            if (!_states.Remove(id, out var state))
                return;
            _order.Remove(id);
            _unfinished.Remove(id);
            _running.Remove(id);
            Line(state).Remove(state);
            _versions.Remove((state.Version, id));
            _withdrawn.Enqueue((++_version, id));
            if (_withdrawn.Count > WithdrawnToRemember)
                _withdrawn.Dequeue();
            Signal(id);
        }
    }

    /// <summary>Takes a task away for good: late news of it do not bring it back.</summary>
    public void Delete(string id)
    {
        lock (_gate)
        {
            _deleted.Add(id);
            Withdraw(id);
        }
    }

    public bool IsDeleted(string id)
    {
        lock (_gate)
            return _deleted.Contains(id);
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
    public IReadOnlyList<GenerationState> Page(int limit, string? before = null) =>
        Page(limit, new BoardQuery { Before = before });

    /// <summary>Tasks that are looked for, newest first.</summary>
    public IReadOnlyList<GenerationState> Page(int limit, BoardQuery query)
    {
        var found = new List<GenerationState>();
        if (query.After is null)
        {
            for (var before = query.Before ?? LastOfIds; before is not null;)
                before = LookBefore(before, limit, query, found);
        }
        else
        {
            for (var after = query.After; after is not null;)
                after = LookAfter(after, limit, query, found);
            found.Reverse();
        }
        return found;
    }

    /// <summary>Unfinished tasks that are younger than the one named, the oldest first.</summary>
    public IReadOnlyList<GenerationState> Unfinished(int limit, string after = "")
    {
        lock (_gate)
        {
            return [.. _unfinished.GetViewBetween(after, LastOfIds)
                .Where(id => id != after).Take(limit).Select(id => _states[id])];
        }
    }

    /// <summary>Where it stands among its model's tasks; null for one that does not wait.</summary>
    public WaitingPlace? PlaceOf(GenerationState state)
    {
        lock (_gate)
            return Line(state).PlaceOf(state);
    }

    /// <summary>How many tasks have not ended.</summary>
    public int CountUnfinished
    {
        get
        {
            lock (_gate)
                return _unfinished.Count;
        }
    }

    /// <summary>How many tasks of the model wait.</summary>
    public int CountQueued(string model)
    {
        lock (_gate)
            return _lines.TryGetValue(model, out var line) ? line.Count : 0;
    }

    /// <summary>Tasks that are being painted, without those that nothing was heard of since then.</summary>
    public IReadOnlyList<GenerationState> Running(DateTimeOffset since)
    {
        lock (_gate)
        {
            return [.. _running.Select(id => _states[id]).Where(state => state.HeardAt >= since)];
        }
    }

    /// <summary>Unfinished tasks that nothing was heard of since then: those being painted first, then the oldest.</summary>
    public IReadOnlyList<string> Unheard(DateTimeOffset since, int limit)
    {
        lock (_gate)
        {
            return [.. UnfinishedStates()
                .Where(state => state.HeardAt < since)
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
            return [.. UnfinishedStates()
                .Where(state => state.Task.Model == model
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
    public IReadOnlyDictionary<string, int> CountRunning(DateTimeOffset since) =>
        Running(since).CountBy(state => state.Task.Model, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

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

    /// <param name="limit">At most so many states, those that changed first; the version is then that of the last one.</param>
    public BoardChanges ChangesSince(long version, int limit = int.MaxValue)
    {
        lock (_gate)
        {
            if (version >= _version)
                return new BoardChanges(_version, [], [], null);
            List<GenerationState> states =
            [
                .. _versions.GetViewBetween((version + 1, ""), (long.MaxValue, "")).Take(limit).Select(entry => _states[entry.Id]),
            ];
            var until = states.Count == limit ? states[^1].Version : _version;
            return new BoardChanges(
                until,
                states,
                [.. _withdrawn.Where(entry => entry.Version > version && entry.Version <= until).Select(entry => entry.Id)],
                _noticesVersion > version ? [.. _notices.Values] : null);
        }
    }

    /// <summary>Completes once the board is beyond the version.</summary>
    public Task WaitForChangeAsync(long version, CancellationToken cancellationToken)
    {
        lock (_gate)
            return _version > version ? Task.CompletedTask : _changed.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Completes once the task is another than it was in that version, or is gone.</summary>
    public Task WaitForChangeAsync(GenerationState seen, CancellationToken cancellationToken)
    {
        var id = seen.Task.Id;
        lock (_gate)
        {
            if (!_states.TryGetValue(id, out var state) || state.Version != seen.Version)
                return Task.CompletedTask;
            if (!_watched.TryGetValue(id, out var changed))
                _watched[id] = changed = NewSignal();
            return changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Looks at some before that one, the newest first.</summary>
    /// <returns>The last one that was looked at; null if that is all.</returns>
    private string? LookBefore(string before, int limit, BoardQuery query, List<GenerationState> found)
    {
        lock (_gate)
        {
            var first = _order.FirstFrom(before) - 1;
            for (var place = first; place >= 0 && found.Count < limit; place--)
            {
                if (first - place == LookedAtOnce)
                    return _order[place + 1].Task.Id;
                if (query.Matches(_order.PromptAt(place)) && query.Matches(_order[place]))
                    found.Add(_order[place]);
            }
            return null;
        }
    }

    /// <summary>Looks at some after that one, the oldest first.</summary>
    /// <inheritdoc cref="LookBefore"/>
    private string? LookAfter(string after, int limit, BoardQuery query, List<GenerationState> found)
    {
        lock (_gate)
        {
            var first = _order.FirstFrom(after);
            var end = _order.FirstFrom(query.Before ?? LastOfIds);
            for (var place = first; place < end && found.Count < limit; place++)
            {
                if (place == first && _order[place].Task.Id == after)
                    continue;
                if (place - first > LookedAtOnce)
                    return _order[place - 1].Task.Id;
                if (query.Matches(_order.PromptAt(place)) && query.Matches(_order[place]))
                    found.Add(_order[place]);
            }
            return null;
        }
    }

    private GenerationState Put(GenerationState state)
    {
        var id = state.Task.Id;
        if (_deleted.Contains(id))
            return state;
        if (_states.TryGetValue(id, out var previous))
        {
            _versions.Remove((previous.Version, id));
            Line(previous).Remove(previous);
        }
        var now = time.GetUtcNow();
        state = state with
        {
            Version = ++_version,
            HeardAt = now,
            FirstProgress = state.Progress is { } progress ? state.FirstProgress ?? new(progress, now) : null,
        };
        if (!ReferenceEquals(state.Preview, previous?.Preview))
            state = state with { PreviewVersion = _version };
        _states[id] = state;
        _order.Put(state);
        _versions.Add((state.Version, id));
        if (state.Status == GenerationStatus.Running)
            _running.Add(id);
        else
            _running.Remove(id);
        if (state.IsFinished)
            _unfinished.Remove(id);
        else
            _unfinished.Add(id);
        if (state.Status == GenerationStatus.Queued)
            Line(state).Add(state);
        StateChanged?.Invoke(previous, state);
        Signal(id);
        return state;
    }

    private IEnumerable<GenerationState> UnfinishedStates() => _unfinished.Select(id => _states[id]);

    private WaitingLine Line(GenerationState state)
    {
        if (!_lines.TryGetValue(state.Task.Model, out var line))
            _lines[state.Task.Model] = line = new WaitingLine();
        return line;
    }

    private void Signal(string id)
    {
        if (_watched.Remove(id, out var changed))
            changed.SetResult();
        Signal();
    }

    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
