using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>The test in the worker's role: it takes messages from the real queue, writes to the real bucket and tells what happens.</summary>
public sealed class WorkerRole : IAsyncDisposable
{
    // The smallest PNG there is: one transparent pixel.
    public static readonly byte[] Png = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    /// <summary>For how long it had each task, by its own account.</summary>
    public const double WorkerSeconds = 36;

    private readonly IHost _host;
    private readonly string _queue;
    private IChannel _channel = null!;

    private WorkerRole(IHost host, string queue) => (_host, _queue) = (host, queue);

    public IObjectStore Store => _host.Services.GetRequiredService<IObjectStore>();

    /// <summary>With an empty queue.</summary>
    public static async Task<WorkerRole> StartAsync(
        BrokerFixture broker, ObjectStoreFixture storage, string queue = GenerationTopology.Queue, string bucket = "images")
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:messaging"] = broker.ConnectionString,
            ["ConnectionStrings:storage"] = storage.ConnectionString,
            ["Storage:Bucket"] = bucket,
        });
        builder.AddGeneration();
        builder.Services.Configure<TopologyOptions>(topology => topology.Queues.Add(queue));
        var role = new WorkerRole(builder.Build(), queue);
        var connection = await role._host.Services.GetRequiredService<BrokerConnection>().GetAsync();
        role._channel = await connection.CreateChannelAsync();
        // Not only emptied: a test before this one may have declared it with other limits.
        await role._channel.QueueDeleteAsync(queue);
        await role._host.Services.GetRequiredService<GenerationTopology>().DeclareAsync(connection);
        return role;
    }

    public Task<uint> WaitingAsync() => _channel.MessageCountAsync(_queue);

    public Task DeleteQueueAsync() => _channel.QueueDeleteAsync(_queue);

    public async Task<GenerationTask> TakeAsync()
    {
        BasicGetResult? message = null;
        await Eventually.TrueAsync(async () => (message = await _channel.BasicGetAsync(_queue, autoAck: true)) is not null);
        return GenerationTask.Parse(message!.Body.Span);
    }

    public Task PurgeQueueAsync() => _channel.QueuePurgeAsync(_queue);

    public Task<uint> DeadLettersAsync() => _channel.MessageCountAsync(GenerationTopology.DeadQueue);

    public Task PurgeDeadLettersAsync() => _channel.QueuePurgeAsync(GenerationTopology.DeadQueue);

    /// <summary>Gives a task up, as a worker does: the dead letter, the record, the news.</summary>
    public async Task BuryAsync(GenerationTask task, string reason, bool record = true)
    {
        await _host.Services.GetRequiredService<TaskPublisher>().PublishDeadAsync(
            task.ToUtf8Json(), task.Id, new FailedAttempt(DateTimeOffset.UtcNow, "test", reason), attempts: 3);
        if (!record)
            return;
        await StoreAsync(task, reason);
        await TellAsync(task, GenerationEventType.Failed, reason: reason);
    }

    public Task TellAsync(
        GenerationTask task, GenerationEventType type, int? step = null, string? reason = null, byte[]? preview = null) =>
        _host.Services.GetRequiredService<EventPublisher>().PublishAsync(new GenerationEvent
        {
            Id = task.Id,
            Type = type,
            At = DateTimeOffset.UtcNow,
            Picture = step is null ? null : 0,
            Step = step,
            Of = step is null ? null : task.Steps,
            Reason = reason,
            Preview = preview is null ? null : Convert.ToBase64String(preview),
            Worker = "test",
        });

    public async Task StoreAsync(GenerationTask task, string? failure = null, params IReadOnlyList<string> unknownWords)
    {
        var pictures = Enumerable.Range(0, failure is null ? task.Count : 0)
            .Select(n => new PaintedPicture(n, ObjectKeys.Image(task.Id, n), task.Seed + n)).ToArray();
        foreach (var picture in pictures)
            await Store.PutAsync(picture.Key, Png, "image/png");
        var record = new GenerationRecord
        {
            Status = failure is null ? GenerationOutcome.Done : GenerationOutcome.Failed,
            Task = task,
            Pictures = pictures,
            UnknownWords = unknownWords,
            Reason = failure,
            Seconds = 1.25,
            WorkerSeconds = WorkerSeconds,
            Device = "cuda",
            Worker = "test",
            FinishedAt = DateTimeOffset.UtcNow,
        };
        (await Store.PutAsync(ObjectKeys.Record(task.Id), record.ToUtf8Json(), "application/json", onlyIfAbsent: true)).ShouldBeTrue();
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
