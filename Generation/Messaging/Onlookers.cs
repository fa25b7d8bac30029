using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SdAspire.ServiceDefaults;

namespace SdAspire.Generation;

/// <summary>
/// Whether anybody looks at what is being painted. Who does has a queue at an exchange of its own, which goes with its connection at
/// the latest; a message to that exchange comes back where there is none. Nothing is stored, and no end has to be told.
/// </summary>
public sealed class Onlookers(BrokerConnection broker) : IAsyncDisposable
{
    // Nobody takes the questions out, and one is as good as another.
    private static readonly Dictionary<string, object?> OfOneQuestion = new() { ["x-max-length"] = 1 };

    private readonly LastingChannel _questions = new(broker);

    /// <summary>Whether anybody looks now; also false where that cannot be known.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellationToken = default)
    {
        // Asked again and again: it would bury what a trace is about.
        using var untraced = Untraced.Begin();
        try
        {
            var channel = await _questions.GetAsync(cancellationToken);
            await channel.BasicPublishAsync(
                GenerationTopology.OnlookersExchange, "", mandatory: true, new BasicProperties(), default, cancellationToken);
            return true;
        }
        catch (Exception e) when (
            e is PublishException or BrokerException || BrokerConnection.IsConnectionFailure(e, cancellationToken))
        {
            return false;
        }
    }

    /// <summary>Somebody looks, until what is returned is disposed of.</summary>
    /// <exception cref="BrokerUnavailableException">There is no broker now.</exception>
    public async Task<Onlooker> LookAsync(CancellationToken cancellationToken = default)
    {
        var connection = await broker.GetAsync(cancellationToken);
        IChannel? channel = null;
        try
        {
            channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            var queue = await channel.QueueDeclareAsync(arguments: OfOneQuestion, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(
                queue.QueueName, GenerationTopology.OnlookersExchange, "", cancellationToken: cancellationToken);
            return new Onlooker(channel, queue.QueueName);
        }
        catch (Exception e)
        {
            if (channel is not null)
                await channel.DisposeQuietlyAsync();
            if (BrokerConnection.IsConnectionFailure(e, cancellationToken))
                throw new BrokerUnavailableException($"The message broker at {broker.Endpoint} went away: {e.Message}", e);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _questions.DisposeAsync();
}

/// <summary>Somebody who looks.</summary>
public sealed class Onlooker(IChannel channel, string queue) : IAsyncDisposable
{
    /// <summary>Whether workers can know of it.</summary>
    public bool IsSeen => channel.IsOpen;

    public async ValueTask DisposeAsync()
    {
        try
        {
            // The connection lives on, and with it the queue.
            await channel.QueueDeleteAsync(queue);
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e))
        {
            // It went with the connection.
        }
        await channel.DisposeQuietlyAsync();
    }
}
