using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SdAspire.Tests.Shared.Faults;

/// <summary>A dead letter; without a reason, the broker itself has put it there.</summary>
internal sealed record DeadLetter(byte[] Body, string? Id, string? Reason);

/// <summary>The queues as another client of the broker sees them.</summary>
internal sealed class BrokerView : IAsyncDisposable
{
    private const string Exchange = "generation";
    private const string Tasks = "tasks";
    private const string Dead = "tasks.dead";

    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private BrokerView(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <returns>Null while the broker is away.</returns>
    public static async Task<BrokerView?> TryConnectAsync(Uri address)
    {
        try
        {
            var factory = new ConnectionFactory { Uri = address, AutomaticRecoveryEnabled = false };
            var connection = await factory.CreateConnectionAsync();
            var confirmed = new CreateChannelOptions(
                publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
            return new(connection, await connection.CreateChannelAsync(confirmed));
        }
        catch (Exception e) when (IsAway(e))
        {
            return null;
        }
    }

    /// <summary>Whether the exception says that the broker went away.</summary>
    public static bool IsAway(Exception e) =>
        e is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException;

    /// <summary>Messages that wait, and dead letters.</summary>
    public async Task<(uint Ready, uint Dead)> CountAsync() => (
        (await _channel.QueueDeclarePassiveAsync(Tasks)).MessageCount,
        (await _channel.QueueDeclarePassiveAsync(Dead)).MessageCount);

    /// <summary>Puts a message on the queue of tasks, past the page, and returns once the broker has it.</summary>
    public async Task PublishAsync(byte[] body, string? id) => await _channel.BasicPublishAsync(
        Exchange, Tasks, mandatory: true,
        new BasicProperties { Persistent = true, ContentType = "application/json", MessageId = id }, body);

    /// <summary>Takes all dead letters.</summary>
    public async Task<IReadOnlyList<DeadLetter>> TakeDeadAsync()
    {
        var letters = new List<DeadLetter>();
        while (await _channel.BasicGetAsync(Dead, autoAck: true) is { } letter)
        {
            var properties = letter.BasicProperties;
            var reason = properties.Headers?.TryGetValue("x-reason", out var value) == true && value is byte[] text
                ? Encoding.UTF8.GetString(text)
                : null;
            letters.Add(new(letter.Body.ToArray(), properties.MessageId, reason));
        }
        return letters;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _channel.DisposeAsync();
            await _connection.DisposeAsync();
        }
        catch (Exception e) when (IsAway(e))
        {
        }
    }
}
