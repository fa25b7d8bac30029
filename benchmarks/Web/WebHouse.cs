using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Bench.Web;

/// <summary>Broker, storage and WebUi in processes of their own, with a gallery that is there before WebUi starts.</summary>
internal sealed class WebHouse : IAsyncDisposable
{
    private const int RecordsPerSegment = 20_000;
    private const int WritesAtOnce = 32;

    private readonly PrivateBroker _broker = new();
    private readonly PrivateStore _store = new();
    private IHost? _host;
    private ChildProcess? _webUi;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { MaxConnectionsPerServer = 4096 })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Of the WebUi, in MiB.</summary>
    public double MemoryMiB => long.Parse(
        File.ReadLines($"/proc/{_webUi!.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024.0;

    private T Get<T>() where T : notnull => _host!.Services.GetRequiredService<T>();

    public async Task StartHouseAsync()
    {
        await Task.WhenAll(_broker.StartAsync(), _store.StartAsync());
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "bench" });
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:messaging", _broker.ConnectionString), new("ConnectionStrings:storage", _store.ConnectionString),
            new("Topology:MaxLength", "1000000")]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddGeneration();
        _host = builder.Build();
        await Get<BrokerConnection>().GetAsync();
    }

    /// <summary>As many painted pictures as the index has after its segments were merged; the records lie beside it.</summary>
    public async Task FillAsync(int pictures, CancellationToken cancellationToken)
    {
        var store = Get<IObjectStore>();
        var began = TimeProvider.System.GetUtcNow().AddHours(-2);
        var records = Enumerable.Range(0, pictures).Select(n => Record(began.AddMilliseconds(n * 10), n)).ToArray();
        foreach (var segment in records.Chunk(RecordsPerSegment))
        {
            await store.PutAsync(
                ObjectKeys.IndexSegment(TaskId.New(TimeProvider.System), level: 2),
                IndexEntry.ToSegment(segment.Select(record => new IndexEntry { Ended = record })), "application/jsonl",
                cancellationToken: cancellationToken);
        }
        var options = new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(records, options, async (record, token) =>
            await store.PutAsync(
                ObjectKeys.Record(record.Task.Id), record.ToUtf8Json(), "application/json", cancellationToken: token));
    }

    public async Task StartWebUiAsync()
    {
        _webUi = ChildProcess.Start("dotnet", [Repository.Program("WebUi")], new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["ConnectionStrings__messaging"] = _broker.ConnectionString,
            ["ConnectionStrings__storage"] = _store.ConnectionString,
            ["Worker__Model"] = Repository.TinyModel,
            ["Topology__MaxLength"] = "1000000",
            ["Limits__ChangesPerMinute"] = "0", ["Limits__ReadsPerMinute"] = "0", ["Limits__WaitingPrompts"] = "0",
            ["LostTasks__AfterSeconds"] = "0",
            ["Logging__LogLevel__Default"] = "Warning", ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        });
        const string listening = "Now listening on: ";
        var line = await _webUi.WaitForLineAsync(line => line.Contains(listening, StringComparison.Ordinal), Eventually.Generous);
        Http.BaseAddress = new Uri(line[(line.IndexOf(listening, StringComparison.Ordinal) + listening.Length)..]);
    }

    public Task TellAsync(string id, int step) => Get<EventPublisher>().PublishAsync(new GenerationEvent
    {
        Id = id, Type = GenerationEventType.Step, At = TimeProvider.System.GetUtcNow(), Picture = 0, Step = step, Of = 150, Worker = "bench",
    });

    public async Task<long> CountQueuedAsync()
    {
        var connection = await Get<BrokerConnection>().GetAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(GenerationTopology.Queue);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_webUi is not null)
            await _webUi.DisposeAsync();
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
        await _store.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private static GenerationRecord Record(DateTimeOffset at, int n)
    {
        var id = Ulid.NewUlid(at).ToString();
        return new GenerationRecord
        {
            Status = GenerationOutcome.Done,
            Task = new GenerationTask
            {
                Id = id, CreatedAt = at, Model = "tiny-sd15", Prompt = $"a lighthouse at dusk over rocks, number {n}", Seed = n,
                Steps = 20, GuidanceScale = 7.5, Scheduler = "ddim", Width = 64, Height = 64,
            },
            Pictures = [new PaintedPicture(0, ObjectKeys.Image(id, 0), n)],
            Seconds = 1, WorkerSeconds = 1, Device = "cpu", Worker = "bench", FinishedAt = at,
        };
    }
}
