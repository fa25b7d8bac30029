using System.Collections.Concurrent;
using System.Text.Json;
using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>Brings the board in step with the bucket.</summary>
public sealed partial class Records(
    IObjectStore store, GenerationBoard board, Retention retention, ILogger<Records> logger)
{
    private const int ReadsAtOnce = 8;

    // Ids that begin with the same characters are of the same 17 minutes. Where many of those have not ended, it is quicker to ask
    // which records there are.
    private const int SpanOfIds = 6;
    private const int AskedOneByOne = 32;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    // A segment never changes.
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Looks whether the task has ended, and says what is known of it then; null if nothing is.</summary>
    /// <exception cref="StorageUnavailableException">The bucket cannot be asked.</exception>
    public async Task<GenerationState?> RefreshAsync(string id, CancellationToken cancellationToken)
    {
        if (board.IsDeleted(id))
            return null;
        if (await store.GetAsync(ObjectKeys.Record(id), cancellationToken) is not { } stored)
            return board.Find(id);
        try
        {
            var record = GenerationRecord.Parse(stored.Content);
            // Not deleted yet, but no longer to be seen.
            if (retention.IsExpired(record))
                return null;
            return record.Task.Id == id ? board.Apply(record) : board.Find(id);
        }
        catch (JsonException e)
        {
            LogUnreadable(ObjectKeys.Record(id), e.Message);
            return board.Find(id);
        }
    }

    /// <summary>What the board says; if the task has not ended there, what the bucket says. Null if there is no such task.</summary>
    /// <exception cref="StorageUnavailableException">Nothing is known of it here, and the bucket cannot be asked.</exception>
    public async Task<GenerationState?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!TaskId.IsValid(id))
            return null;
        var known = board.Find(id);
        if (known is { IsFinished: true })
            return known;
        try
        {
            var state = await RefreshAsync(id, cancellationToken);
            return state is not null || board.IsLoaded
                ? state
                : throw new StorageUnavailableException("The gallery is still being read.");
        }
        catch (StorageUnavailableException) when (known is not null)
        {
            return known;
        }
    }

    /// <summary>The ids of tasks that were taken back, as far as they are as old as this one or younger.</summary>
    /// <exception cref="StorageUnavailableException">The bucket cannot be asked.</exception>
    public async Task<IReadOnlySet<string>> WithdrawnSinceAsync(string id, CancellationToken cancellationToken)
    {
        var first = FirstKeySince(Ulid.Parse(id).Time);
        var withdrawn = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var key in store.ListAsync(ObjectKeys.IndexPrefix, cancellationToken))
        {
            if (string.CompareOrdinal(key, first) >= 0 && await ReadSegmentAsync(key, cancellationToken) is { } segment)
                withdrawn.UnionWith(segment.Select(entry => entry.Withdrawn).OfType<string>());
        }
        return withdrawn;
    }

    /// <summary>Reads the index of what was accepted, then how it ended.</summary>
    /// <exception cref="StorageUnavailableException">The bucket cannot be asked.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var segments = await ReadNewAsync(ObjectKeys.IndexPrefix, cancellationToken);
        Apply(segments);
        LogLoaded(segments.Sum(segment => segment.Count), await ReadRecordsAsync(cancellationToken));
    }

    /// <summary>
    /// Looks for records that the index does not lead to: what was painted is shown even if its segment is lost. Takes its time, the
    /// whole bucket is listed.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The bucket cannot be asked.</exception>
    public async Task LoadUnlistedAsync(CancellationToken cancellationToken)
    {
        var unlisted = new List<string>();
        await foreach (var key in store.ListAsync("", cancellationToken))
        {
            if (ObjectKeys.IdOfRecord(key) is { } id && board.Find(id) is not { IsFinished: true } && !board.IsDeleted(id))
                unlisted.Add(id);
        }
        await RefreshAsync(unlisted, cancellationToken);
    }

    /// <summary>Reads what the index was told since then, while nobody listened here.</summary>
    /// <exception cref="StorageUnavailableException">The bucket cannot be asked.</exception>
    public async Task CatchUpAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        Apply(await ReadNewAsync(FirstKeySince(since), cancellationToken));

    private void Apply(IReadOnlyList<IReadOnlyList<IndexEntry>> segments)
    {
        var withdrawn = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in segments.SelectMany(segment => segment))
        {
            if (entry.Deleted is { } deleted)
                board.Delete(deleted);
            else if (entry.Withdrawn is { } taken)
                withdrawn.Add(taken);
        }
        foreach (var id in withdrawn)
            board.Withdraw(id);
        // Segment by segment: the board is not locked for long, and what is older comes first nearly always.
        foreach (var segment in segments.OrderBy(segment => IdOf(segment[0]), StringComparer.Ordinal))
            board.Load([.. segment.Select(entry => StateOf(entry, withdrawn)).OfType<GenerationState>()]);
    }

    private GenerationState? StateOf(IndexEntry entry, HashSet<string> withdrawn) => entry switch
    {
        { Ended: { } record } when !retention.IsExpired(record) => GenerationState.From(record),
        { Accepted: { } task } when !withdrawn.Contains(task.Id) && !retention.IsExpired(task) => new GenerationState(task),
        _ => null,
    };

    private static string? IdOf(IndexEntry entry) => (entry.Ended?.Task ?? entry.Accepted)?.Id ?? entry.Deleted ?? entry.Withdrawn;

    /// <summary>Reads the records of what has not ended by the index.</summary>
    private async Task<int> ReadRecordsAsync(CancellationToken cancellationToken)
    {
        var ended = new List<string>();
        foreach (var group in board.Unfinished(int.MaxValue).Select(state => state.Task.Id).GroupBy(id => id[..SpanOfIds]))
        {
            var ids = group.ToHashSet(StringComparer.Ordinal);
            if (ids.Count <= AskedOneByOne)
            {
                ended.AddRange(ids);
                continue;
            }
            await foreach (var key in store.ListAsync(group.Key, cancellationToken))
            {
                if (ObjectKeys.IdOfRecord(key) is { } id && ids.Contains(id))
                    ended.Add(id);
            }
        }
        await RefreshAsync(ended, cancellationToken);
        return ended.Count;
    }

    private Task RefreshAsync(List<string> ids, CancellationToken cancellationToken)
    {
        ids.Reverse();
        return Parallel.ForEachAsync(ids, InParallel(cancellationToken), async (id, token) => await RefreshAsync(id, token));
    }

    private static ParallelOptions InParallel(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken };

    /// <summary>
    /// The segments from this key on that were not read before and say something. Those that are merged meanwhile are read where they
    /// went.
    /// </summary>
    private async Task<IReadOnlyList<IReadOnlyList<IndexEntry>>> ReadNewAsync(string first, CancellationToken cancellationToken)
    {
        var segments = new ConcurrentBag<IReadOnlyList<IndexEntry>>();
        var read = new HashSet<string>(StringComparer.Ordinal);
        bool isGone;
        do
        {
            isGone = false;
            var keys = new List<string>();
            await foreach (var key in store.ListAsync(ObjectKeys.IndexPrefix, cancellationToken))
            {
                if (string.CompareOrdinal(key, first) >= 0 && !_read.Contains(key) && read.Add(key))
                    keys.Add(key);
            }
            await Parallel.ForEachAsync(keys, InParallel(cancellationToken), async (key, token) =>
            {
                if (await ReadSegmentAsync(key, token) is not { } entries)
                    Volatile.Write(ref isGone, true);
                else if (entries.Count > 0)
                    segments.Add(entries);
            });
        } while (isGone);
        _read.UnionWith(read);
        return [.. segments];
    }

    // A segment is written after its tasks had their ids, by the clock of any replica.
    private static string FirstKeySince(DateTimeOffset since) => ObjectKeys.IndexSegment(Ulid.NewUlid(since - ClockSkew).ToString());

    /// <returns>Null if it is not there any more.</returns>
    private async Task<IReadOnlyList<IndexEntry>?> ReadSegmentAsync(string key, CancellationToken cancellationToken) =>
        await store.GetAsync(key, cancellationToken) is { } segment
            ? IndexEntry.ParseSegment(segment.Content, fault => LogUnreadable(key, fault))
            : null;

    [LoggerMessage(LogLevel.Information, "The gallery was read: {Entries} entries of the index, {Ended} records")]
    private partial void LogLoaded(int entries, int ended);

    [LoggerMessage(LogLevel.Warning, "The object {Key} cannot be read: {Message}")]
    private partial void LogUnreadable(string key, string message);
}
