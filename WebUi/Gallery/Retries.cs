using System.Text.Json;
using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// Queues tasks again that failed or were cancelled. In this order, so that whoever is killed in between loses nothing: the dead
/// letter is taken and not acknowledged, the record deleted, the task published and confirmed, the letter acknowledged.
/// </summary>
public sealed partial class Retries(
    Records records, IObjectStore store, GenerationBoard board, ModelCatalog models, DeadLetters deadLetters,
    TaskPublisher publisher, EventPublisher events, TimeProvider time, ILogger<Retries> logger)
{
    /// <exception cref="BrokerException">It was not queued.</exception>
    /// <exception cref="StorageUnavailableException">It was not queued.</exception>
    public async Task<Outcome> RetryAsync(string id, CancellationToken cancellationToken)
    {
        if (await records.FindAsync(id, cancellationToken) is not { } state)
            return Outcome.Unknown;
        if (!state.IsRetryable)
            return Refused(state);
        if (models.Find(state.Task.Model)?.Queue is not { } queue)
            return new Outcome(state, $"The model '{state.Task.Model}' is not served any more.");

        // While these are taken nobody else retries anything. From here on the client's patience does not matter.
        await using var letters = await deadLetters.TakeAsync(id, cancellationToken);
        var stored = await store.GetAsync(ObjectKeys.Record(id), CancellationToken.None);
        if (stored is null && letters.Letters.Count == 0)
        {
            // Another replica was faster, and its news is still on the way.
            return Refused(board.Reopen(state.Task));
        }
        if (stored is not null && Parse(stored) is { Status: GenerationOutcome.Done } done)
            return Refused(board.Apply(done));

        await store.DeleteAsync(ObjectKeys.Record(id), CancellationToken.None);
        var queued = board.Reopen(state.Task);
        // Before publishing: what a fast worker tells of it is to come after this.
        await events.AnnounceAsync(time.GetUtcNow(), state.Task);
        try
        {
            await publisher.PublishAsync(state.Task, queue, CancellationToken.None);
        }
        catch (BrokerException)
        {
            await RestoreAsync(state, stored);
            throw;
        }
        LogRetried(id);
        try
        {
            await letters.AcknowledgeAsync();
        }
        catch (BrokerUnavailableException e)
        {
            LogLetterStays(id, e.Message);
        }
        return new Outcome(queued);
    }

    private static Outcome Refused(GenerationState state) => new(state, state.Status switch
    {
        GenerationStatus.Done => "It has been painted already.",
        GenerationStatus.Running => "It is being painted already.",
        _ => "It is queued already.",
    });

    private static GenerationRecord? Parse(StoredObject stored)
    {
        try
        {
            return GenerationRecord.Parse(stored.Content);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What could not be queued is what it was before.</summary>
    private async Task RestoreAsync(GenerationState state, StoredObject? stored)
    {
        var id = state.Task.Id;
        try
        {
            if (stored is not null)
                await store.PutAsync(ObjectKeys.Record(id), stored.Content, stored.ContentType, onlyIfAbsent: true);
            if (await records.RefreshAsync(id, CancellationToken.None) is { IsFinished: true })
                await AnnounceAsync();
        }
        catch (StorageUnavailableException e)
        {
            LogNotRestored(id, e.Message);
        }

        Task AnnounceAsync() => events.AnnounceAsync(new GenerationEvent
        {
            Id = id,
            Type = state.Status == GenerationStatus.Cancelled ? GenerationEventType.Cancelled : GenerationEventType.Failed,
            At = state.FinishedAt ?? time.GetUtcNow(),
            Reason = state.Reason,
        });
    }

    [LoggerMessage(LogLevel.Information, "Queued {Id} again")]
    private partial void LogRetried(string id);

    [LoggerMessage(LogLevel.Warning, "{Id} is queued again, and its dead letter could not be removed: {Message}")]
    private partial void LogLetterStays(string id, string message);

    [LoggerMessage(LogLevel.Warning, "{Id} could not be queued again, and its record could not be restored: {Message}")]
    private partial void LogNotRestored(string id, string message);
}
