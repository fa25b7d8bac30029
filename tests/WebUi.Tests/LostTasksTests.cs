using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

/// <summary>With a queue and a bucket of its own, where nobody else's tasks are lost.</summary>
[Collection(HouseCollection.Name)]
public sealed class LostTasksTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private const string Queue = "lost-tasks-tests";

    private readonly string _bucket = $"lost-{Guid.NewGuid():N}";
    private WorkerRole _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerRole.StartAsync(broker, storage, Queue, _bucket);
        await _worker.PurgeDeadLettersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DeleteQueueAsync();
        await _worker.DisposeAsync();
    }

    [Fact]
    public async Task A_task_that_the_broker_has_lost_is_queued_again_and_by_one_replica()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var ids = await first.Http.AskUntilHeardAsync(second.Http);

        await _worker.PurgeQueueAsync();

        var found = new List<string>();
        foreach (var _ in ids)
        {
            var task = await _worker.TakeAsync();
            found.Add(task.Id);
            await _worker.TellAsync(task, GenerationEventType.Started);
            // Not painted: the gallery of everybody else hears of it, and would miss a picture that is in this bucket.
            await _worker.StoreAsync(task, "No.");
            await _worker.TellAsync(task, GenerationEventType.Failed, reason: "No.");
            await first.Http.WaitForStatusAsync(task.Id, "failed");
        }
        found.ShouldBe(ids, ignoreOrder: true);
        first.Output.Concat(second.Output).Count(line => line.Contains(" was lost", StringComparison.Ordinal)).ShouldBe(ids.Count);
    }

    [Fact]
    public async Task A_task_whose_page_was_killed_before_it_queued_it_is_queued_and_a_withdrawn_one_is_not()
    {
        var (lost, withdrawn) = (NewTask(), NewTask());
        foreach (var task in (GenerationTask[])[withdrawn, lost])
            await RecordAsync(new IndexEntry { Accepted = task });
        await using var page = await StartAsync();
        await page.Http.WaitForStatusAsync(lost.Id, "queued");
        // The board has it; the index says later that it was taken back.
        await page.Http.WaitForStatusAsync(withdrawn.Id, "queued");
        await RecordAsync(new IndexEntry { Withdrawn = withdrawn.Id });

        (await _worker.TakeAsync()).Id.ShouldBe(lost.Id);

        (await _worker.WaitingAsync()).ShouldBe(0u);
        using var gone = await page.Http.GetAsync($"{Api.Generations}/{withdrawn.Id}");
        await gone.ShouldBeProblemAsync(404);

        Task RecordAsync(IndexEntry entry) => _worker.Store.PutAsync(
            ObjectKeys.IndexSegment(TaskId.New(TimeProvider.System)), IndexEntry.ToSegment([entry]), "application/jsonl");
    }

    [Fact]
    public async Task While_others_wait_in_its_queue_nothing_is_queued_again()
    {
        await using var page = await StartAsync();
        var lost = await page.Http.AskForIdAsync("lost");
        (await _worker.TakeAsync()).Id.ShouldBe(lost);
        var waiting = await page.Http.AskForIdAsync("waiting");

        // One more of which the same is to be said, in a queue that is empty, shows that the time was long enough.
        await using var other = await WorkerRole.StartAsync(broker, storage, Queue + ".other", _bucket);
        await using var witness = await StartAsync("witness", Queue + ".other");
        await witness.Http.AskForIdAsync("witness");
        for (var round = 0; round < 2; round++)
            await other.TakeAsync();

        (await _worker.WaitingAsync()).ShouldBe(1u);
        page.Output.ShouldNotContain(line => line.Contains("was lost", StringComparison.Ordinal));
        // As soon as it is empty for long enough.
        (await _worker.TakeAsync()).Id.ShouldBe(waiting);
        var again = new[] { await _worker.TakeAsync(), await _worker.TakeAsync() };
        again.Select(task => task.Id).ShouldBe([lost, waiting], ignoreOrder: true);
        await other.DeleteQueueAsync();
    }

    [Fact]
    public async Task One_that_was_given_up_without_a_record_is_shown_as_failed_and_can_be_retried()
    {
        await using var page = await StartAsync();
        var id = await page.Http.AskForIdAsync("frog");
        await _worker.BuryAsync(await _worker.TakeAsync(), "Its workers were killed.", record: false);

        (await page.Http.WaitForStatusAsync(id, "failed")).Text("reason").ShouldBe("Its workers were killed.");

        (await _worker.WaitingAsync()).ShouldBe(0u);
        await Eventually.TrueAsync(async () => await _worker.DeadLettersAsync() == 1);
        (await _worker.Store.ExistsAsync(ObjectKeys.Record(id))).ShouldBeTrue();
        using var answer = await page.Http.PostAsync($"{Api.Generations}/{id}/retry", null);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted);
        (await _worker.TakeAsync()).Id.ShouldBe(id);
        await Eventually.TrueAsync(async () => await _worker.DeadLettersAsync() == 0);
    }

    [Fact]
    public async Task A_queue_that_somebody_deleted_is_made_anew()
    {
        await using var page = await StartAsync();
        var id = await page.Http.AskForIdAsync("frog");

        await _worker.DeleteQueueAsync();

        await Eventually.TrueAsync(() => page.Output.Any(line => line.Contains($"{id} was lost", StringComparison.Ordinal)));
        (await _worker.TakeAsync()).Id.ShouldBe(id);
    }

    private static GenerationTask NewTask() => new()
    {
        Id = TaskId.New(TimeProvider.System), CreatedAt = DateTimeOffset.UtcNow, Model = "small", Prompt = "frog", Seed = 1, Steps = 2,
        GuidanceScale = 3, Scheduler = "ddim", Width = 64, Height = 64,
    };

    private async Task<WebUiProcess> StartAsync(string model = "small", string queue = Queue)
    {
        var page = await webUi.StartAnotherAsync(new Dictionary<string, string>
        {
            ["Storage__Bucket"] = _bucket,
            [$"Models__{model}__Queue"] = queue,
            [$"Models__{model}__Path"] = webUi.Model,
            ["LostTasks__AfterSeconds"] = "2",
        });
        await Eventually.TrueAsync(async () => (await page.Http.GetAsync("/health")).IsSuccessStatusCode);
        return page;
    }
}
