using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// Deletes what has ended, with its pictures. The index is told first: whoever is killed in between leaves objects that nobody
/// shows, and not a picture that comes back.
/// </summary>
public sealed partial class Deletions(
    Records records, IObjectStore store, AcceptanceLog log, GenerationBoard board, EventPublisher events, TimeProvider time,
    ILogger<Deletions> logger)
{
    /// <summary>Deletes a task that has ended; another one is refused.</summary>
    /// <exception cref="StorageUnavailableException">It may not be deleted, or not entirely: asking again goes on.</exception>
    public async Task<Outcome> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(id, cancellationToken) is not { } state)
            return Outcome.Unknown;
        if (!state.IsFinished)
            return new Outcome(state, "It has not ended yet: cancel it first.");
        await log.AppendAsync([new IndexEntry { Deleted = id }], CancellationToken.None);
        // Those that a failed attempt may have left are among them.
        for (var n = 0; n < state.Task.Count; n++)
            await store.DeleteAsync(ObjectKeys.Image(id, n), CancellationToken.None);
        await store.DeleteAsync(ObjectKeys.Record(id), CancellationToken.None);
        board.Delete(id);
        LogDeleted(id);
        await events.AnnounceAsync(new GenerationEvent { Id = id, Type = GenerationEventType.Deleted, At = time.GetUtcNow() });
        return new Outcome(state);
    }

    [LoggerMessage(LogLevel.Information, "Deleted {Id}")]
    private partial void LogDeleted(string id);
}
