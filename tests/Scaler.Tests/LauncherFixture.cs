using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using SdAspire.Generation;
using SdAspire.Scaler.Tests;
using SdAspire.Tests.Shared;

[assembly: AssemblyFixture(typeof(BrokerFixture))]
[assembly: AssemblyFixture(typeof(ObjectStoreFixture))]

namespace SdAspire.Scaler.Tests;

/// <summary>The launcher as a process beside a real broker, with a shell script for a worker. One test at a time: there is one queue.</summary>
[CollectionDefinition(nameof(LauncherFixture), DisableParallelization = true)]
public sealed class LauncherCollection : ICollectionFixture<LauncherFixture>;

public sealed class LauncherFixture(BrokerFixture broker)
{
    public BrokerFixture Broker => broker;

    public Task PublishAsync(int count = 1) => PublishAsync(Enumerable.Repeat("{}"u8.ToArray(), count));

    public async Task PublishAsync(IEnumerable<byte[]> bodies)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.ConnectionString) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        foreach (var body in bodies)
        {
            await channel.BasicPublishAsync(GenerationTopology.Exchange, GenerationTopology.Queue, mandatory: true, new BasicProperties { Persistent = true }, body);
            await channel.BasicPublishAsync(GenerationTopology.WakeUpExchange, routingKey: "", body: default);
        }
    }

    /// <summary>The sign first and the message then: the other way round than who publishes.</summary>
    public async Task PublishAfterWakeUpAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.ConnectionString) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicPublishAsync(GenerationTopology.WakeUpExchange, routingKey: "", body: default);
        await channel.BasicPublishAsync(GenerationTopology.Exchange, GenerationTopology.Queue, "{}"u8.ToArray());
    }

    /// <summary>Takes every message at once, as a worker that waits for its next one, until it is disposed.</summary>
    public async Task<IAsyncDisposable> TakeAllAsync(Action taken)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(broker.ConnectionString) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, _) =>
        {
            taken();
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(GenerationTopology.Queue, autoAck: true, consumer);
        return connection;
    }

    public async Task DeleteQueueAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.ConnectionString) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(GenerationTopology.Queue);
    }

    public async Task PurgeAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.ConnectionString) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            await channel.QueuePurgeAsync(GenerationTopology.Queue);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // The first launcher declares it.
        }
    }
}
