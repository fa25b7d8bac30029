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
    public async Task<GenerationState> SubmitAsync(GenerationTask task, CancellationToken cancellationToken) =>
        (await SubmitAllAsync([task], cancellationToken))[0];

    /// <summary>
    /// Takes each picture of the task in as a task of its own, all at once: they are recorded and confirmed together. If one cannot
    /// be queued, none is painted.
    /// </summary>
    /// <inheritdoc cref="SubmitAsync"/>
    public Task<IReadOnlyList<GenerationState>> SubmitParallelAsync(GenerationTask task, CancellationToken cancellationToken)
    {
        var group = TaskId.New(time);
        // Ids of one millisecond are in no order, and the gallery is in theirs.
        var ids = Enumerable.Range(0, task.Count).Select(_ => TaskId.New(time)).Order(StringComparer.Ordinal);
        return SubmitAllAsync(
            [.. ids.Select((id, n) => task with { Id = id, Count = 1, Seed = task.Seed + n, Group = group })], cancellationToken);
    }

    private async Task<IReadOnlyList<GenerationState>> SubmitAllAsync(
        IReadOnlyList<GenerationTask> tasks, CancellationToken cancellationToken)
    {
        var model = tasks[0].Model;
        var queue = models.Find(model)?.Queue ?? throw new ArgumentException($"'{model}' is not served.", nameof(tasks));
        waiting.Add(tasks);
        try
        {
            return await QueueAsync(tasks, queue, cancellationToken);
        }
        catch
        {
            waiting.Remove(tasks);
            throw;
        }
    }

    private async Task<IReadOnlyList<GenerationState>> QueueAsync(
        IReadOnlyList<GenerationTask> tasks, string queue, CancellationToken cancellationToken)
    {
        await broker.GetAsync(cancellationToken);
        // From here on the client's patience does not matter: half a submission is worse than one nobody waits for.
        await log.AppendAsync([.. tasks.Select(task => new IndexEntry { Accepted = task })], CancellationToken.None);
        // Before publishing: a worker may be faster than the confirm.
        var states = board.Accept(tasks);
        var refusals = await publisher.PublishAllAsync(tasks, queue, CancellationToken.None);
        if (refusals.Any(refusal => refusal is not null))
            states = await PaintedAllTheSameAsync(states, refusals);
        foreach (var task in tasks)
        {
            metrics.Accepted(task);
            LogAccepted(task.Id);
        }
        await events.AnnounceAsync(time.GetUtcNow(), tasks);
        return states;
    }

    /// <summary>
    /// Takes back what was refused, and with it those of the same submission that were queued; the first refusal is thrown then. A
    /// broker that went away may have the message all the same: refused and painted would be one picture too many.
    /// </summary>
    private async Task<IReadOnlyList<GenerationState>> PaintedAllTheSameAsync(
        IReadOnlyList<GenerationState> states, IReadOnlyList<BrokerException?> refusals)
    {
        var known = states.ToArray();
        var withdrawn = new List<string>();
        BrokerException? first = null;
        for (var n = 0; n < known.Length; n++)
        {
            if (refusals[n] is not { } refusal)
                continue;
            if (refusal is not BrokerUnavailableException)
                withdrawn.Add(known[n].Task.Id);
            else if (await GiveUpAsync(known[n].Task.Id) is { Status: GenerationStatus.Done } painted)
            {
                known[n] = painted;
                continue;
            }
            first ??= refusal;
        }
        if (first is null)
            return known;
        if (withdrawn.Count > 0)
            await WithdrawAsync(withdrawn);
        for (var n = 0; n < known.Length; n++)
        {
            if (refusals[n] is null)
                await GiveUpAsync(known[n].Task.Id);
        }
        throw first;
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
            await WithdrawAsync([id]);
            return null;
        }
    }

    private async Task WithdrawAsync(IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
            board.Withdraw(id);
        try
        {
            await log.AppendAsync([.. ids.Select(id => new IndexEntry { Withdrawn = id })], CancellationToken.None);
        }
        catch (StorageUnavailableException e)
        {
            foreach (var id in ids)
                LogNotWithdrawn(id, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Queued {Id}")]
    private partial void LogAccepted(string id);

    [LoggerMessage(LogLevel.Warning, "The index still lists {Id}, which was not queued: {Message}")]
    private partial void LogNotWithdrawn(string id, string message);
}
