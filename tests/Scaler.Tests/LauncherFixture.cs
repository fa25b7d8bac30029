using RabbitMQ.Client;
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
