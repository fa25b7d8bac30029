using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using SdAspire.WebUi.Gallery;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class IndexCompactionTests(BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private WorkerRole _worker = null!;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(
        broker, storage, bucket: $"index-{Guid.NewGuid():N}");

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task Many_segments_become_few_and_the_gallery_stays_what_it_was()
    {
        var tasks = await FillAsync(100);
        var deleted = tasks[3];
        var failed = tasks[4];
        var waiting = tasks[5];
        foreach (var task in tasks)
        {
            if (task == deleted)
                await WriteAsync(new IndexEntry { Deleted = task.Id });
            else if (task == failed)
                await _worker.StoreAsync(task, failure: "No.");
            else if (task != waiting)
                await _worker.StoreAsync(task);
        }
        var before = await LoadAsync();
        _time.Advance(TimeSpan.FromMinutes(10));

        // Two replicas at once.
        await Task.WhenAll(Compaction(before).CompactAsync(CancellationToken.None), Compaction(before).CompactAsync(CancellationToken.None));

        var segments = await CountAsync();
        segments.ShouldBeLessThan(101);
        // What was merged needs no record any more.
        await _worker.Store.DeleteAsync(ObjectKeys.Record(tasks[40].Id));
        var after = await LoadAsync();
        after.Page(200).Select(Facts).ShouldBe(before.Page(200).Select(Facts));
        after.Find(deleted.Id).ShouldBeNull();
        after.Find(failed.Id)!.Status.ShouldBe(GenerationStatus.Failed);
        after.Find(waiting.Id)!.Status.ShouldBe(GenerationStatus.Queued);
        after.Find(tasks[40].Id)!.Status.ShouldBe(GenerationStatus.Done);
    }

    [Fact]
    public async Task What_a_replica_left_when_it_died_between_writing_and_deleting_does_no_harm()
    {
        var tasks = await FillAsync(40);
        foreach (var task in tasks)
            await _worker.StoreAsync(task);
        var before = await LoadAsync();
        var old = new List<(string Key, byte[] Content)>();
        await foreach (var key in _worker.Store.ListAsync(ObjectKeys.IndexPrefix))
            old.Add((key, (await _worker.Store.GetAsync(key))!.Content));
        _time.Advance(TimeSpan.FromMinutes(10));
        await Compaction(before).CompactAsync(CancellationToken.None);
        (await CountAsync()).ShouldBe(1 + 40 - 32);

        foreach (var (key, content) in old)
            await _worker.Store.PutAsync(key, content, "application/jsonl");

        var after = await LoadAsync();
        after.Page(200).Select(Facts).ShouldBe(before.Page(200).Select(Facts));
    }

    private static (string, GenerationStatus, double?, int) Facts(GenerationState state) =>
        (state.Task.Id, state.Status, state.Seconds, state.Pictures.Count);

    private IndexCompaction Compaction(GenerationBoard board) =>
        new(_worker.Store, board, Retention(), _time, NullLogger<IndexCompaction>.Instance);

    private Retention Retention() => new(Options.Create(new StorageOptions()), _time);

    private async Task<GenerationBoard> LoadAsync()
    {
        var board = new GenerationBoard(_time);
        await new Records(_worker.Store, board, Retention(), NullLogger<Records>.Instance).LoadAsync(CancellationToken.None);
        return board;
    }

    private async Task<int> CountAsync()
    {
        var count = 0;
        await foreach (var _ in _worker.Store.ListAsync(ObjectKeys.IndexPrefix))
            count++;
        return count;
    }

    private async Task<IReadOnlyList<GenerationTask>> FillAsync(int count)
    {
        var tasks = new List<GenerationTask>();
        for (var i = 0; i < count; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(5));
            var task = new GenerationTask
            {
                Id = TaskId.New(_time), CreatedAt = _time.GetUtcNow(), Model = "small", Prompt = $"frog {i}", Seed = i, Steps = 1,
                GuidanceScale = 1, Scheduler = "ddim", Width = 64, Height = 64,
            };
            tasks.Add(task);
            await WriteAsync(new IndexEntry { Accepted = task });
        }
        return tasks;
    }

    private Task<bool> WriteAsync(IndexEntry entry) => _worker.Store.PutAsync(
        ObjectKeys.IndexSegment(TaskId.New(_time)), IndexEntry.ToSegment([entry]), "application/jsonl", onlyIfAbsent: true);
}
