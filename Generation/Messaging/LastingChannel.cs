using System.Threading.RateLimiting;
using RabbitMQ.Client;

namespace SdAspire.Generation;

/// <summary>A channel with confirms that is opened when it is first asked for, and anew after a loss.</summary>
internal sealed class LastingChannel(BrokerConnection broker) : IAsyncDisposable
{
    // The client's own limit pauses publishers for up to a second from 64 on; here whoever asks waits for the answer anyway.
    private const int UnconfirmedAtOnce = 8192;

    private readonly SemaphoreSlim _opening = new(1, 1);
    private IChannel? _channel;

    /// <exception cref="BrokerUnavailableException">There is no broker now.</exception>
    public async Task<IChannel> GetAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } open)
            return open;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_channel is { IsOpen: true } meanwhile)
                return meanwhile;
            var connection = await broker.GetAsync(cancellationToken);
            if (_channel is { } closed)
                await closed.DisposeQuietlyAsync();
            return _channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(
                    publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true,
                    new ConcurrencyLimiter(new() { PermitLimit = UnconfirmedAtOnce, QueueLimit = int.MaxValue })),
                cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
            await channel.DisposeQuietlyAsync();
        _opening.Dispose();
    }
}
