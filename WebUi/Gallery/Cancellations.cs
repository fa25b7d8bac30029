using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// Gives tasks up. The record is the tombstone: a worker that takes the message finds it and acknowledges, and one that paints
/// looks for it.
/// </summary>
public sealed partial class Cancellations(
    Records records, IObjectStore store, GenerationBoard board, EventPublisher events, TimeProvider time,
    ILogger<Cancellations> logger)
{
    /// <exception cref="StorageUnavailableException">It was not cancelled, as far as is known.</exception>
    public async Task<Outcome> CancelAsync(string id, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(id, cancellationToken) is not { } state)
            return Outcome.Unknown;
        if (state.IsFinished)
            return TooLate(state);
        var record = new GenerationRecord
        {
            Status = GenerationOutcome.Cancelled,
            Task = state.Task,
            Attempts = 0,
            FinishedAt = time.GetUtcNow(),
        };
        if (!await store.PutAsync(
            ObjectKeys.Record(id), record.ToUtf8Json(), "application/json", onlyIfAbsent: true, CancellationToken.None))
        {
            // The worker was faster.
            return TooLate(await records.RefreshAsync(id, CancellationToken.None) ?? state);
        }
        state = board.Apply(record);
        LogCancelled(id);
        await events.AnnounceAsync(new GenerationEvent { Id = id, Type = GenerationEventType.Cancelled, At = record.FinishedAt });
        return new Outcome(state);
    }

    private static Outcome TooLate(GenerationState state) => new(state, state.Status switch
    {
        GenerationStatus.Done => "It has been painted already.",
        GenerationStatus.Failed => "It has failed already.",
        _ => "It was cancelled already.",
    });

    [LoggerMessage(LogLevel.Information, "Cancelled {Id}")]
    private partial void LogCancelled(string id);
}
