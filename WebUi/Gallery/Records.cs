using System.Collections.Concurrent;
using System.Text.Json;
using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>Brings the board in step with the bucket.</summary>
public sealed partial class Records(
    IObjectStore store, GenerationBoard board, Retention retention, ILogger<Records> logger)
{
    private const int ReadsAtOnce = 4;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

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
        // A segment is written after its tasks had their ids, by the clock of any replica.
        var first = ObjectKeys.IndexSegment(Ulid.NewUlid(Ulid.Parse(id).Time - ClockSkew).ToString());
        var withdrawn = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var key in store.ListAsync(ObjectKeys.IndexPrefix, cancellationToken))
        {
            if (string.CompareOrdinal(key, first) < 0)
                continue;
            foreach (var entry in await ReadSegmentAsync(key, cancellationToken))
            {
                if (entry.Withdrawn is { } taken)
                    withdrawn.Add(taken);
            }
        }
        return withdrawn;
    }

    /// <summary>Reads the index of what was accepted, then how it ended.</summary>
    /// <exception cref="StorageUnavailableException">The bucket cannot be asked.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var entries = await ReadIndexAsync(cancellationToken);
        var withdrawn = entries.Select(entry => entry.Withdrawn).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var gone in entries.Select(entry => entry.Deleted).OfType<string>())
            board.Delete(gone);
        foreach (var record in entries.Select(entry => entry.Ended).OfType<GenerationRecord>())
        {
            if (!retention.IsExpired(record) && board.Find(record.Task.Id) is not { IsFinished: true })
                board.Apply(record);
        }
        foreach (var task in entries.Select(entry => entry.Accepted).OfType<GenerationTask>())
        {
            if (!withdrawn.Contains(task.Id) && !retention.IsExpired(task))
                board.Accept(task);
        }

        // Records are found by listing and not by the index: what was painted is shown even if its index segment is lost.
        var ended = new List<string>();
        await foreach (var key in store.ListAsync("", cancellationToken))
        {
            if (ObjectKeys.IdOfRecord(key) is { } id && board.Find(id) is not { IsFinished: true } && !board.IsDeleted(id))
                ended.Add(id);
        }
        ended.Reverse();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(ended, options, async (id, token) => await RefreshAsync(id, token));
        LogLoaded(entries.Count, ended.Count);
    }

    /// <summary>All entries of the index. Segments that are merged meanwhile are read where they went.</summary>
    private async Task<IReadOnlyCollection<IndexEntry>> ReadIndexAsync(CancellationToken cancellationToken)
    {
        var entries = new ConcurrentBag<IReadOnlyList<IndexEntry>>();
        var read = new HashSet<string>(StringComparer.Ordinal);
        var options = new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken };
        bool isGone;
        do
        {
            isGone = false;
            var keys = new List<string>();
            await foreach (var key in store.ListAsync(ObjectKeys.IndexPrefix, cancellationToken))
            {
                if (read.Add(key))
                    keys.Add(key);
            }
            await Parallel.ForEachAsync(keys, options, async (key, token) =>
            {
                if (await store.GetAsync(key, token) is { } segment)
                    entries.Add(IndexEntry.ParseSegment(segment.Content, fault => LogUnreadable(key, fault)));
                else
                    Volatile.Write(ref isGone, true);
            });
        } while (isGone);
        return [.. entries.SelectMany(segment => segment)];
    }

    private async Task<IReadOnlyList<IndexEntry>> ReadSegmentAsync(string key, CancellationToken cancellationToken) =>
        await store.GetAsync(key, cancellationToken) is { } segment
            ? IndexEntry.ParseSegment(segment.Content, fault => LogUnreadable(key, fault))
            : [];

    [LoggerMessage(LogLevel.Information, "The gallery was read: {Entries} entries of the index, {Ended} records")]
    private partial void LogLoaded(int entries, int ended);

    [LoggerMessage(LogLevel.Warning, "The object {Key} cannot be read: {Message}")]
    private partial void LogUnreadable(string key, string message);
}
