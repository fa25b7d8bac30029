using SdAspire.Generation;
using SdAspire.ServiceDefaults;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// Merges index segments, so that a start reads few of them, and none of the records of what was painted. What a segment says does
/// not depend on the others nor on how often it is said: the merged one is written before those that it replaces are deleted, and
/// replicas that do this at the same time, or die in between, leave at most something twice.
/// </summary>
public sealed partial class IndexCompaction(
    IObjectStore store, GenerationBoard board, Retention retention, TimeProvider time,
    ILogger<IndexCompaction> logger) : BackgroundService
{
    private const int SegmentsAtOnce = 32;
    private const int MaxEntries = 20_000;
    private const int MaxLevel = 4;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // What is being written now, or was accepted by a clock that is ahead, is left alone.
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(2);

    // What has not ended by then may wait for ever, and is not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = Untraced.Begin();
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (board.IsLoaded)
                    await CompactAsync(stoppingToken);
            }
            catch (StorageUnavailableException e)
            {
                LogPutOff(e.Message);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Merges as long as there is enough to merge.</summary>
    /// <exception cref="StorageUnavailableException">The bucket does not do its part; nothing is lost.</exception>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        var latest = ObjectKeys.IndexSegment(Ulid.NewUlid(time.GetUtcNow() - Age).ToString());
        var keys = new List<string>();
        await foreach (var key in store.ListAsync(ObjectKeys.IndexPrefix, cancellationToken))
        {
            if (string.CompareOrdinal(key, latest) < 0)
                keys.Add(key);
        }
        foreach (var level in keys.GroupBy(ObjectKeys.LevelOfIndexSegment).Where(level => level.Key < MaxLevel))
        {
            foreach (var group in level.Chunk(SegmentsAtOnce).Where(group => group.Length == SegmentsAtOnce))
                await MergeAsync(group, level.Key + 1, cancellationToken);
        }
    }

    private async Task MergeAsync(IReadOnlyList<string> keys, int level, CancellationToken cancellationToken)
    {
        var merged = new List<IndexEntry>();
        var replaced = new List<string>();
        foreach (var key in keys)
        {
            // Gone: another replica is at it.
            if (await store.GetAsync(key, cancellationToken) is not { } segment)
                continue;
            var isReadable = true;
            var entries = IndexEntry.ParseSegment(segment.Content, _ => isReadable = false);
            if (!isReadable || !entries.All(IsSettled))
                continue;
            if (merged.Count + entries.Count > MaxEntries && merged.Count > 0)
                break;
            merged.AddRange(entries);
            replaced.Add(key);
        }
        if (replaced.Count < 2)
            return;
        var name = ObjectKeys.IndexSegment(TaskId.New(time), level);
        if (!await store.PutAsync(
            name, IndexEntry.ToSegment(Simplify(merged)), "application/jsonl", onlyIfAbsent: true, CancellationToken.None))
            return;
        foreach (var key in replaced)
            await store.DeleteAsync(key, CancellationToken.None);
        LogMerged(replaced.Count, name);
    }

    /// <summary>Whether it says what it will always say.</summary>
    private bool IsSettled(IndexEntry entry) =>
        entry.Accepted is not { } task
        || board.Find(task.Id) is not { IsFinished: false }
        || task.CreatedAt < time.GetUtcNow() - Patience;

    private IEnumerable<IndexEntry> Simplify(IReadOnlyList<IndexEntry> entries)
    {
        var gone = entries.Select(entry => entry.Deleted ?? entry.Withdrawn).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var said = new HashSet<string>(StringComparer.Ordinal);
        // Another segment may name what is gone, hence these stay.
        foreach (var entry in entries.Where(entry => (entry.Deleted ?? entry.Withdrawn) is not null))
            yield return entry;
        foreach (var entry in entries)
        {
            if ((entry.Accepted ?? entry.Ended?.Task) is not { } task || gone.Contains(task.Id) || !said.Add(task.Id))
                continue;
            if (entry.Ended is { } ended ? retention.IsExpired(ended) : retention.IsExpired(task))
                continue;
            // What has failed can be tried again, and is read from its record.
            yield return entry.Ended is null && board.Find(task.Id) is { Status: GenerationStatus.Done } state
                ? new IndexEntry { Ended = state.ToRecord() }
                : entry;
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} index segments are now {Segment}")]
    private partial void LogMerged(int count, string segment);

    [LoggerMessage(LogLevel.Debug, "The index is merged later: {Message}")]
    private partial void LogPutOff(string message);
}
