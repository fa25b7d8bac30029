using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using SdAspire.Worker.Tests;

[assembly: AssemblyFixture(typeof(BrokerFixture))]
[assembly: AssemblyFixture(typeof(ObjectStoreFixture))]

namespace SdAspire.Worker.Tests;

/// <summary>Broker and storage as the worker's neighbours use them. One test at a time: there is one queue.</summary>
[CollectionDefinition(nameof(House), DisableParallelization = true)]
public sealed class HouseCollection : ICollectionFixture<House>;

public sealed class House : IAsyncDisposable
{
    private readonly IHost _host;

    public House(BrokerFixture broker, ObjectStoreFixture storage)
    {
        Messaging = broker.ConnectionString;
        Storage = storage.ConnectionString;
        _host = Build(Messaging, Storage);
    }

    public static IHost Build(string messaging, string storage)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:messaging"] = messaging,
            ["ConnectionStrings:storage"] = storage,
        });
        builder.AddGeneration();
        return builder.Build();
    }

    public string Messaging { get; }
    public string Storage { get; }
    public IObjectStore Store => _host.Services.GetRequiredService<IObjectStore>();
    public TaskPublisher Publisher => _host.Services.GetRequiredService<TaskPublisher>();
    public Onlookers Onlookers => _host.Services.GetRequiredService<Onlookers>();
    public EventSubscriber Events => _host.Services.GetRequiredService<EventSubscriber>();

    /// <summary>Empties both queues.</summary>
    public async Task ClearAsync()
    {
        await using var channel = await ChannelAsync();
        await channel.QueuePurgeAsync(GenerationTopology.Queue);
        await channel.QueuePurgeAsync(GenerationTopology.DeadQueue);
    }

    public async Task PublishAsync(byte[] body, string? messageId = null)
    {
        await using var channel = await ChannelAsync();
        await channel.BasicPublishAsync(
            GenerationTopology.Exchange, GenerationTopology.Queue, mandatory: true, new BasicProperties { Persistent = true, MessageId = messageId }, body);
    }

    public async Task<uint> CountAsync(string queue = GenerationTopology.Queue)
    {
        await using var channel = await ChannelAsync();
        return await channel.MessageCountAsync(queue);
    }

    public async Task DeleteAsync(string queue)
    {
        await using var channel = await ChannelAsync();
        await channel.QueueDeleteAsync(queue);
    }

    /// <summary>Takes a message that must be there.</summary>
    public async Task<BasicGetResult> TakeAsync(string queue)
    {
        await using var channel = await ChannelAsync();
        return (await channel.BasicGetAsync(queue, autoAck: true)).ShouldNotBeNull();
    }

    public async Task<GenerationRecord?> RecordAsync(string id) =>
        await Store.GetAsync(ObjectKeys.Record(id)) is { } stored ? GenerationRecord.Parse(stored.Content) : null;

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)_host).DisposeAsync();

    private async Task<IChannel> ChannelAsync()
    {
        var connection = await _host.Services.GetRequiredService<BrokerConnection>().GetAsync();
        return await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
    }
}
