using SdAspire.Generation;
using SdAspire.WebUi.Limits;
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
    WaitingPrompts waiting,
    TimeProvider time,
    ILogger<Submissions> logger)
{
    /// <param name="task">For a model that is served.</param>
    /// <exception cref="TooManyWaitingException">The client has too many waiting; it was not queued.</exception>
    /// <exception cref="BrokerException">It was not queued.</exception>
    /// <exception cref="StorageUnavailableException">It was not queued.</exception>
    public async Task<GenerationState> SubmitAsync(GenerationTask task, CancellationToken cancellationToken)
    {
        var queue = models.Find(task.Model)?.Queue ?? throw new ArgumentException($"'{task.Model}' is not served.", nameof(task));
        waiting.Add(task.Id);
        try
        {
            return await QueueAsync(task, queue, cancellationToken);
        }
        catch
        {
            waiting.Remove(task.Id);
            throw;
        }
    }

    /// <summary>
    /// Takes each picture of the task in as a task of its own, all at once: they are recorded and confirmed together. If one cannot
    /// be queued, none is painted.
    /// </summary>
    /// <inheritdoc cref="SubmitAsync"/>
    public async Task<IReadOnlyList<GenerationState>> SubmitParallelAsync(GenerationTask task, CancellationToken cancellationToken)
    {
        var group = TaskId.New(time);
        var submitted = Enumerable.Range(0, task.Count)
            .Select(n => task with { Id = TaskId.New(time), Count = 1, Seed = task.Seed + n, Group = group })
            .Select(single => SubmitAsync(single, cancellationToken))
            .ToArray();
        try
        {
            return await Task.WhenAll(submitted);
        }
        catch
        {
            foreach (var queued in submitted.Where(one => one.IsCompletedSuccessfully))
                await GiveUpAsync((await queued).Task.Id);
            throw;
        }
    }

    private async Task<GenerationState> QueueAsync(GenerationTask task, string queue, CancellationToken cancellationToken)
    {
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
