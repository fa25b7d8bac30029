using System.Net;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class CancelTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private WorkerRole _worker = null!;

    private HttpClient Http => webUi.Http;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(broker, storage);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_finished_is_cancelled_on_all_replicas_and_stays_so(bool running)
    {
        await using var other = await webUi.StartAnotherAsync();
        await Http.AskUntilHeardAsync(other.Http);
        await _worker.PurgeQueueAsync();
        var id = await Http.AskForIdAsync("frog");
        await other.Http.WaitForStatusAsync(id, "queued");
        var task = await _worker.TakeAsync();
        if (running)
        {
            await _worker.TellAsync(task, GenerationEventType.Step, step: 3);
            await Http.WaitForStatusAsync(id, "running");
        }

        using var answer = await Http.DeleteAsync($"{Api.Generations}/{id}");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        (await answer.JsonAsync()).Text("status").ShouldBe("cancelled");
        await other.Http.WaitForStatusAsync(id, "cancelled");
        var record = GenerationRecord.Parse((await _worker.Store.GetAsync(ObjectKeys.Record(id))).ShouldNotBeNull().Content);
        (record.Status, record.Task).ShouldBe((GenerationOutcome.Cancelled, task));
        // What the worker told before it knew.
        await _worker.TellAsync(task, GenerationEventType.Step, step: 4);
        await using var restarted = await webUi.StartAnotherAsync();
        foreach (var http in (HttpClient[])[restarted.Http, Http, other.Http])
            await http.WaitForStatusAsync(id, "cancelled");
    }

    [Fact]
    public async Task What_is_finished_or_unknown_cannot_be_cancelled()
    {
        var id = await Http.AskForIdAsync("frog");
        // The board has not heard of it.
        await _worker.StoreAsync(await _worker.TakeAsync());

        using var done = await Http.DeleteAsync($"{Api.Generations}/{id}?onlyCancel=true");
        using var unknown = await Http.DeleteAsync($"{Api.Generations}/01J8ZQ4X7V9T3N2M5K6H8G1F0E?onlyCancel=true");

        await done.ShouldBeProblemAsync(409);
        await unknown.ShouldBeProblemAsync(404);
        (await Http.GetJsonAsync($"{Api.Generations}/{id}")).Text("status").ShouldBe("done");
        var second = await Http.AskForIdAsync("frog");
        (await Http.DeleteAsync($"{Api.Generations}/{second}")).Dispose();
        using var again = await Http.DeleteAsync($"{Api.Generations}/{second}?onlyCancel=true");
        await again.ShouldBeProblemAsync(409);
    }

    [Fact]
    public async Task Who_follows_it_is_told_and_the_stream_ends()
    {
        var id = await Http.AskForIdAsync("frog");
        using var stream = await Http.GetStreamAsync($"{Api.Generations}/{id}/events");
        using var reader = new StreamReader(stream);
        (await Http.DeleteAsync($"{Api.Generations}/{id}")).Dispose();
        using var bounded = new CancellationTokenSource(Eventually.Generous);

        var told = await reader.ReadToEndAsync(bounded.Token);

        told.ShouldContain("\"status\":\"queued\"");
        told.ShouldContain("\"status\":\"cancelled\"");
    }

    [Fact]
    public async Task What_was_cancelled_can_be_queued_again()
    {
        var id = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();
        (await Http.DeleteAsync($"{Api.Generations}/{id}")).Dispose();

        using var answer = await Http.PostAsync($"{Api.Generations}/{id}/retry", null);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await _worker.TakeAsync()).ShouldBe(task);
        await _worker.TellAsync(task, GenerationEventType.Started);
        await Http.WaitForStatusAsync(id, "running");
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        await Http.WaitForStatusAsync(id, "done");
    }

    [Fact]
    public async Task Without_storage_nothing_is_cancelled()
    {
        var id = await Http.AskForIdAsync("frog");
        await storage.StopAsync();
        try
        {
            using var answer = await Http.DeleteAsync($"{Api.Generations}/{id}");
            await answer.ShouldBeProblemAsync(503);
        }
        finally
        {
            await storage.StartAsync();
        }
        (await Http.WaitForStatusAsync(id, "queued")).Text("id").ShouldBe(id);
    }

    [Fact]
    public async Task The_preview_is_served_while_it_is_painted_and_never_kept()
    {
        var id = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();
        var path = $"{Api.Generations}/{id}/preview.png";
        using var none = await Http.GetAsync(path);
        none.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var unknown = await Http.GetAsync($"{Api.Generations}/{TaskId.New(TimeProvider.System)}/preview.png");
        await unknown.ShouldBeProblemAsync(404);

        await _worker.TellAsync(task, GenerationEventType.Step, step: 1, preview: WorkerRole.Png);
        await Eventually.TrueAsync(async () => (await Http.GetJsonAsync($"{Api.Generations}/{id}")) is var view
            && view.GetProperty("preview").ValueKind == System.Text.Json.JsonValueKind.String && view.Text("preview") == path);

        using var preview = await Http.GetAsync(path);
        preview.StatusCode.ShouldBe(HttpStatusCode.OK);
        preview.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
        preview.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await preview.Content.ReadAsByteArrayAsync()).ShouldBe(WorkerRole.Png);
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        await Http.WaitForStatusAsync(id, "done");
        using var gone = await Http.GetAsync(path);
        gone.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }
}
