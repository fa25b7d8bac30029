using RabbitMQ.Client;

namespace SdAspire.Generation;

/// <summary>The end of a channel.</summary>
public static class ChannelExtensions
{
    /// <summary>Closes the channel; one whose broker went away or stalls is lost already, and that is no failure.</summary>
    public static async ValueTask DisposeQuietlyAsync(this IChannel channel)
    {
        try
        {
            await channel.DisposeAsync();
        }
        catch (Exception e) when (BrokerConnection.IsConnectionFailure(e))
        {
        }
    }
}
