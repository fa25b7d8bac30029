using System.Net;
using System.Text.Json;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class RetryTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private WorkerRole _worker = null!;

    private HttpClient Http => webUi.Http;

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerRole.StartAsync(broker, storage);
        await _worker.PurgeDeadLettersAsync();
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task What_failed_is_queued_again_on_all_replicas_and_painted()
    {
        await using var other = await webUi.StartAnotherAsync();
        await Http.AskUntilHeardAsync(other.Http);
        await _worker.PurgeQueueAsync();
        var failed = await FailAsync();
        var another = await FailAsync();
        await other.Http.WaitForStatusAsync(failed.Id, "failed");

        using var answer = await Http.PostAsync(Retry(failed.Id), null);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        answer.Headers.Location!.OriginalString.ShouldBe($"{Api.Generations}/{failed.Id}");
        var view = await answer.JsonAsync();
        (view.Text("id"), view.Text("status")).ShouldBe((failed.Id, "queued"));
        view.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null);
        foreach (var http in (HttpClient[])[Http, other.Http])
            await http.WaitForStatusAsync(failed.Id, "queued");
        (await _worker.Store.ExistsAsync(ObjectKeys.Record(failed.Id))).ShouldBeFalse();
        (await _worker.TakeAsync()).ShouldBe(failed);
        (await _worker.WaitingAsync()).ShouldBe(0u);
        await Eventually.TrueAsync(async () => await _worker.DeadLettersAsync() == 1, "the other dead letter alone is left");

        await _worker.StoreAsync(failed);
        await _worker.TellAsync(failed, GenerationEventType.Done);
        foreach (var http in (HttpClient[])[Http, other.Http])
        {
            await http.WaitForStatusAsync(failed.Id, "done");
            await http.WaitForStatusAsync(another.Id, "failed");
        }
    }

    [Fact]
    public async Task One_whose_dead_letter_was_thrown_away_is_queued_from_its_record()
    {
        var failed = await FailAsync();
        await _worker.PurgeDeadLettersAsync();

        using var answer = await Http.PostAsync(Retry(failed.Id), null);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await _worker.TakeAsync()).ShouldBe(failed);
    }

    [Fact]
    public async Task It_can_fail_again_and_be_tried_again()
    {
        var failed = await FailAsync();
        (await Http.PostAsync(Retry(failed.Id), null)).Dispose();
        await _worker.BuryAsync(await _worker.TakeAsync(), "Still no frogs.");
        (await Http.WaitForStatusAsync(failed.Id, "failed")).Text("reason").ShouldBe("Still no frogs.");

        using var answer = await Http.PostAsync(Retry(failed.Id), null);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await _worker.TakeAsync()).Id.ShouldBe(failed.Id);
        await Eventually.TrueAsync(async () => await _worker.DeadLettersAsync() == 0);
    }

    [Fact]
    public async Task Of_many_who_retry_at_once_one_does()
    {
        await using var other = await webUi.StartAnotherAsync();
        await Http.AskUntilHeardAsync(other.Http);
        await _worker.PurgeQueueAsync();
        var failed = await FailAsync();
        await other.Http.WaitForStatusAsync(failed.Id, "failed");

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async n =>
        {
            using var answer = await (n % 2 == 0 ? Http : other.Http).PostAsync(Retry(failed.Id), null);
            return answer.StatusCode;
        }));

        answers.Count(status => status == HttpStatusCode.Accepted).ShouldBe(1);
        answers.Count(status => status == HttpStatusCode.Conflict).ShouldBe(5);
        (await _worker.TakeAsync()).Id.ShouldBe(failed.Id);
        (await _worker.WaitingAsync()).ShouldBe(0u);
        (await _worker.DeadLettersAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task Only_what_failed_or_was_cancelled_can_be_retried()
    {
        var id = await Http.AskForIdAsync("frog");
        using var queued = await Http.PostAsync(Retry(id), null);
        await queued.ShouldBeProblemAsync(409);
        await _worker.StoreAsync(await _worker.TakeAsync());
        using var done = await Http.PostAsync(Retry(id), null);
        await done.ShouldBeProblemAsync(409);
        using var unknown = await Http.PostAsync(Retry("01J8ZQ4X7V9T3N2M5K6H8G1F0E"), null);
        await unknown.ShouldBeProblemAsync(404);
        using var odd = await Http.PostAsync(Retry("no-id"), null);
        await odd.ShouldBeProblemAsync(404);
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    public async Task Another_site_cannot_retry(string header, string value)
    {
        var failed = await FailAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Retry(failed.Id));
        request.Headers.Add(header, value);

        using var answer = await Http.SendAsync(request);

        await answer.ShouldBeProblemAsync(403);
        (await Http.GetJsonAsync($"{Api.Generations}/{failed.Id}")).Text("status").ShouldBe("failed");
    }

    [Fact]
    public async Task Where_the_queue_is_full_it_stays_what_it_was()
    {
        var failed = await FailAsync();
        await _worker.DeleteQueueAsync();
        await using var small = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["Topology__MaxLength"] = "1" });
        await small.Http.WaitForStatusAsync(failed.Id, "failed");
        while (true)
        {
            using var filling = await small.Http.AskAsync("another");
            if (filling.StatusCode != HttpStatusCode.Accepted)
                break;
        }

        using var answer = await small.Http.PostAsync(Retry(failed.Id), null);

        await answer.ShouldBeProblemAsync(503);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        foreach (var http in (HttpClient[])[small.Http, Http])
            (await http.WaitForStatusAsync(failed.Id, "failed")).Text("reason").ShouldBe("The model has no frogs.");
        (await _worker.DeadLettersAsync()).ShouldBe(1u);
        await _worker.DeleteQueueAsync();
    }

    private static string Retry(string id) => $"{Api.Generations}/{id}/retry";

    private async Task<GenerationTask> FailAsync()
    {
        var id = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();
        task.Id.ShouldBe(id);
        await _worker.BuryAsync(task, "The model has no frogs.");
        await Http.WaitForStatusAsync(id, "failed");
        return task;
    }
}
