using SdAspire.Generation;

namespace SdAspire.Worker.Jobs;

/// <summary>
/// Takes messages as rounds: what waits and can be painted in one pass. The first that cannot stays in hand and begins the next
/// round: put back, it could count as one more lost worker.
/// </summary>
/// <param name="batchSize">Pictures of a pass.</param>
public sealed class TaskRounds(TaskInbox inbox, int batchSize, TaskReader reader, TimeProvider time)
{
    private Delivery? _next;

    /// <summary>Takes a message, and without waiting those that can be painted with it.</summary>
    /// <param name="wait">For the first.</param>
    /// <param name="most">How many messages may be taken.</param>
    /// <param name="stay">Whether the subscription stays, where each message is a round of its own.</param>
    /// <returns>Empty if no message came within the wait.</returns>
    /// <exception cref="BrokerUnavailableException">The broker went away.</exception>
    public async Task<IReadOnlyList<Delivery>> TakeAsync(TimeSpan wait, int most, bool stay, CancellationToken cancellationToken)
    {
        // A subscription would bring the next message with the first acknowledgement, and not with the last.
        var first = _next is { } held
            ? held with { TakenAt = time.GetTimestamp() }
            : await inbox.TakeAsync(wait, stay && batchSize == 1, cancellationToken);
        _next = null;
        if (first is null)
            return [];

        List<Delivery> round = [first];
        var shape = ReadForRound(first);
        var room = batchSize - shape?.Count ?? 0;
        while (room > 0 && round.Count < most
            && await inbox.TakeAsync(TimeSpan.Zero, stay: false, cancellationToken) is { } delivery)
        {
            if (ReadForRound(delivery) is not { } task || task.Count > room || !task.Request(0).FitsWith(shape!.Request(0)))
            {
                _next = delivery;
                break;
            }
            round.Add(delivery);
            room -= task.Count;
        }
        return round;
    }

    // What failed before may be what makes a whole pass fail, or hang, and is painted alone. So is what was delivered more than
    // once before: once may have been an interruption, twice may be what kills its worker.
    private GenerationTask? ReadForRound(Delivery delivery) =>
        MessageHeaders.ReadAttempts(delivery.Properties) == 0 && MessageHeaders.ReadDeliveryCount(delivery.Properties) < 2
        && reader.TryRead(delivery.Body.Span, out var task, out _) ? task : null;
}
