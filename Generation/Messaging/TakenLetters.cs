using RabbitMQ.Client;

namespace SdAspire.Generation;

/// <summary>A message that was given up.</summary>
/// <param name="Id">The message's id, which is the task's.</param>
/// <param name="Reason">Why, for a person to read.</param>
/// <param name="Attempts">Attempts that failed.</param>
public sealed record DeadLetter(string? Id, string Reason, int Attempts)
{
    internal Delivered Message { get; init; }

    internal readonly record struct Delivered(ulong Tag, BasicProperties Properties, ReadOnlyMemory<byte> Body);
}

/// <summary>
/// Dead letters that are out of their queue and not acknowledged: with this process or its connection they go back. Those that
/// are not wanted after all are put back when this is disposed.
/// </summary>
public sealed class TakenLetters : IAsyncDisposable
{
    private readonly List<DeadLetter> _letters = [];
    private readonly Func<IChannel, ValueTask> _end;

    internal TakenLetters(IChannel channel, Func<IChannel, ValueTask> end) => (Channel, _end) = (channel, end);

    /// <summary>None if the task has no letter there.</summary>
    public IReadOnlyList<DeadLetter> Letters => _letters;

    internal IChannel Channel { get; }

    /// <summary>The letters are dealt with, and are gone.</summary>
    /// <exception cref="BrokerUnavailableException">The broker went away; they are in the queue again.</exception>
    public async Task AcknowledgeAsync()
    {
        try
        {
            foreach (var letter in _letters)
                await Channel.BasicAckAsync(letter.Message.Tag, multiple: false);
            _letters.Clear();
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e))
        {
            throw new BrokerUnavailableException($"The message broker went away: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Channel.IsOpen)
                await new DeadLetterSearch(Channel).PutAtTailAsync(_letters);
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e))
        {
            // The broker puts them back.
        }
        _letters.Clear();
        await _end(Channel);
    }

    internal bool Add(DeadLetter letter)
    {
        _letters.Add(letter);
        return true;
    }
}
