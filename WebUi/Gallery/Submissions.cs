using SdAspire.Generation;
using SdAspire.WebUi.Metrics;

namespace SdAspire.WebUi.Gallery;

/// <summary>
/// Takes tasks in: recorded in the bucket first, then queued, so that nothing painted is unknown to the gallery.
/// </summary>
public sealed partial class Submissions(
    BrokerConnection broker,
    TaskPublisher publisher,
    ModelCatalog models,
    AcceptanceLog log,
    GenerationBoard board,
    Cancellations cancellations,
    EventPublisher events,
    GenerationMetrics metrics,
    TimeProvider time,
    ILogger<Submissions> logger)
{
    /// <param name="task">For a model that is served.</param>
    /// <exception cref="BrokerException">It was not queued.</exception>
    /// <exception cref="StorageUnavailableException">It was not queued.</exception>
    public async Task<GenerationState> SubmitAsync(GenerationTask task, CancellationToken cancellationToken)
    {
        var queue = models.Find(task.Model)?.Queue ?? throw new ArgumentException($"'{task.Model}' is not served.", nameof(task));
        await broker.GetAsync(cancellationToken);
        // From here on the client's patience does not matter: half a submission is worse than one nobody waits for.
        await log.AppendAsync(new IndexEntry { Accepted = task }, CancellationToken.None);
        // Before publishing: a worker may be faster than the confirm.
        var state = board.Accept(task);
        try
        {
            await publisher.PublishAsync(task, queue, CancellationToken.None);
        }
        catch (BrokerUnavailableException)
        {
            // It may have the message all the same. Refused and painted would be one picture too many.
            if (await GiveUpAsync(task.Id) is not { Status: GenerationStatus.Done } painted)
                throw;
            state = painted;
        }
        catch (BrokerException)
        {
            board.Withdraw(task.Id);
            await WithdrawAsync(task.Id);
            throw;
        }
        metrics.Accepted(task);
        LogAccepted(task.Id);
        await events.AnnounceAsync(task, time.GetUtcNow());
        return state;
    }

    /// <summary>Leaves a tombstone for a worker that finds the message; where one was faster, its result.</summary>
    private async Task<GenerationState?> GiveUpAsync(string id)
    {
        try
        {
            return (await cancellations.CancelAsync(id, CancellationToken.None)).State;
        }
        catch (StorageUnavailableException)
        {
            board.Withdraw(id);
            await WithdrawAsync(id);
            return null;
        }
    }

    private async Task WithdrawAsync(string id)
    {
        try
        {
            await log.AppendAsync(new IndexEntry { Withdrawn = id }, CancellationToken.None);
        }
        catch (StorageUnavailableException e)
        {
            LogNotWithdrawn(id, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Queued {Id}")]
    private partial void LogAccepted(string id);

    [LoggerMessage(LogLevel.Warning, "The index still lists {Id}, which was not queued: {Message}")]
    private partial void LogNotWithdrawn(string id, string message);
}
