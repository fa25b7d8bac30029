using System.Net;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class DeleteTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private WorkerRole _worker = null!;

    private HttpClient Http => webUi.Http;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(broker, storage);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task What_is_finished_is_deleted_with_its_pictures_on_all_replicas_and_stays_so()
    {
        await using var other = await webUi.StartAnotherAsync();
        await Http.AskUntilHeardAsync(other.Http);
        await _worker.PurgeQueueAsync();
        var id = await Http.AskForIdAsync("frog", count: 2);
        var task = await _worker.TakeAsync();
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        await other.Http.WaitForStatusAsync(id, "done");

        using var answer = await Http.DeleteAsync($"{Api.Generations}/{id}");

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent, await answer.Content.ReadAsStringAsync());
        foreach (var key in (string[])[ObjectKeys.Record(id), ObjectKeys.Image(id, 0), ObjectKeys.Image(id, 1)])
            (await _worker.Store.ExistsAsync(key)).ShouldBeFalse(key);
        await Eventually.TrueAsync(() => IsGoneAsync(other.Http, id), "the other replica hears of it");

        // A worker that did not know paints it once more.
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        await using var restarted = await webUi.StartAnotherAsync();
        await Eventually.TrueAsync(async () => await IsGoneAsync(restarted.Http, id)
            && (await restarted.Http.GetJsonAsync(Api.Generations)).GetProperty("items").GetArrayLength() > 0,
            "the restarted one has read the gallery");
        foreach (var http in (HttpClient[])[Http, other.Http, restarted.Http])
        {
            (await IsGoneAsync(http, id)).ShouldBeTrue();
            var list = await http.GetJsonAsync($"{Api.Generations}?limit=100");
            list.GetProperty("items").EnumerateArray().Select(item => item.Text("id")).ShouldNotContain(id);
        }
    }

    [Fact]
    public async Task What_waits_is_cancelled_first_and_deleted_by_the_second_request()
    {
        var id = await Http.AskForIdAsync("frog");

        using var cancelled = await Http.DeleteAsync($"{Api.Generations}/{id}");
        using var deleted = await Http.DeleteAsync($"{Api.Generations}/{id}");
        using var again = await Http.DeleteAsync($"{Api.Generations}/{id}");

        (await cancelled.JsonAsync()).Text("status").ShouldBe("cancelled");
        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await again.ShouldBeProblemAsync(404);
        using var retry = await Http.PostAsync($"{Api.Generations}/{id}/retry", null);
        await retry.ShouldBeProblemAsync(404);
    }

    private static async Task<bool> IsGoneAsync(HttpClient http, string id)
    {
        using var answer = await http.GetAsync($"{Api.Generations}/{id}");
        return answer.StatusCode == HttpStatusCode.NotFound;
    }
}
