using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SdAspire.ServiceDefaults;

namespace SdAspire.Generation;

/// <summary>
/// Finds chosen messages among the dead letters. A queue cannot be searched: every message is taken, and what stays a dead letter
/// is published to the tail, confirmed and only then acknowledged. Nothing is requeued on purpose: a broker gives up a message
/// that it had to requeue too often.
/// </summary>
public sealed class DeadLetters(BrokerConnection broker, TimeProvider time)
{
    // What one reader has on its way to the tail, another would not find. A queue that one connection has for itself is a lock
    // which ends with the connection. White space keeps its name from being a model's.
    private const string LockQueue = GenerationTopology.DeadQueue + " reader";

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _reading = new(1, 1);

    /// <summary>
    /// Takes the letters of a task out of the queue, also where there are several. Until they are given back nobody else reads.
    /// </summary>
    /// <exception cref="BrokerUnavailableException">
    /// There is no broker now, or another reads for too long. All letters are in the queue.
    /// </exception>
    public async Task<TakenLetters> TakeAsync(string id, CancellationToken cancellationToken = default)
    {
        var taken = new TakenLetters(await LockAsync(cancellationToken), Unlock);
        try
        {
            await SearchAsync(taken.Channel, letter => letter.Id == id && taken.Add(letter));
            return taken;
        }
        catch
        {
            await taken.DisposeAsync();
            throw;
        }
    }

    /// <summary>Looks which of the tasks are among the dead letters, and leaves them there.</summary>
    /// <exception cref="BrokerUnavailableException">There is no broker now, or another reads for too long.</exception>
    public async Task<IReadOnlyDictionary<string, DeadLetter>> LookForAsync(
        IReadOnlySet<string> ids, CancellationToken cancellationToken = default)
    {
        var seen = new Dictionary<string, DeadLetter>(StringComparer.Ordinal);
        await using var nothing = new TakenLetters(await LockAsync(cancellationToken), Unlock);
        await SearchAsync(nothing.Channel, letter =>
        {
            if (letter.Id is { } id && ids.Contains(id))
                seen[id] = letter;
            return false;
        });
        return seen;
    }

    private async Task SearchAsync(IChannel channel, Func<DeadLetter, bool> take)
    {
        // The letters' own traces go with them.
        using var untraced = Untraced.Begin();
        await TranslateAsync(() => new DeadLetterSearch(channel).RunAsync(take), CancellationToken.None);
    }

    private async Task<IChannel> LockAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        if (!await _reading.WaitAsync(LockPatience, cancellationToken))
            throw Busy();
        try
        {
            while (true)
            {
                if (await TryLockAsync(cancellationToken) is { } channel)
                    return channel;
                if (time.GetElapsedTime(began) > LockPatience)
                    throw Busy();
                await Task.Delay(LockPause, time, cancellationToken);
            }
        }
        catch
        {
            _reading.Release();
            throw;
        }
    }

    /// <returns>The channel whose connection has the lock; null while another has it.</returns>
    private async Task<IChannel?> TryLockAsync(CancellationToken cancellationToken)
    {
        var connection = await broker.GetAsync(cancellationToken);
        IChannel? channel = null;
        try
        {
            channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true),
                cancellationToken);
            await channel.QueueDeclareAsync(
                LockQueue, durable: false, exclusive: true, autoDelete: false, cancellationToken: cancellationToken);
            return channel;
        }
        catch (Exception e)
        {
            if (channel is not null)
                await channel.DisposeQuietlyAsync();
            if (e is OperationInterruptedException { ShutdownReason.ReplyCode: Constants.ResourceLocked })
                return null;
            if (BrokerConnection.IsConnectionFailure(e, cancellationToken))
                throw WentAway(e);
            throw;
        }
    }

    private async ValueTask Unlock(IChannel channel)
    {
        try
        {
            if (channel.IsOpen)
                await channel.QueueDeleteAsync(LockQueue);
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e))
        {
            // It went with the connection.
        }
        await channel.DisposeQuietlyAsync();
        _reading.Release();
    }

    private async Task TranslateAsync(Func<Task> request, CancellationToken cancellationToken)
    {
        try
        {
            await request();
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e, cancellationToken))
        {
            throw WentAway(e);
        }
    }

    private BrokerUnavailableException WentAway(Exception e) =>
        new($"The message broker at {broker.Endpoint} went away: {e.Message}", e);

    private BrokerUnavailableException Busy() =>
        new($"The dead letters of the message broker at {broker.Endpoint} have been read by another for too long.");
}
