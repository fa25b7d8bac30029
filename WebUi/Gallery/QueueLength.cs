using RabbitMQ.Client;
using SdAspire.Generation;

namespace SdAspire.WebUi.Gallery;

internal static class QueueLength
{
    /// <summary>How many messages of the queue no worker has taken; null if that cannot be known now.</summary>
    public static async Task<uint?> CountReadyAsync(
        this BrokerConnection broker, string queue, CancellationToken cancellationToken)
    {
        IChannel? channel = null;
        try
        {
            var connection = await broker.GetAsync(cancellationToken);
            // The broker closes the channel if there is no such queue, hence one for each.
            channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return await channel.MessageCountAsync(queue, cancellationToken);
        }
        catch (Exception e) when (e is BrokerException or OperationCanceledException || BrokerConnection.IsConnectionFailure(e))
        {
            return null;
        }
        finally
        {
            if (channel is not null)
                await channel.DisposeQuietlyAsync();
        }
    }
}
