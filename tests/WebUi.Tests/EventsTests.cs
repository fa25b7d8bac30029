using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class EventsTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private const string All = "/api/events";

    private WorkerRole _worker = null!;

    private HttpClient Http => webUi.Http;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(broker, storage);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_happens_is_told_by_name_from_the_present_state_on(bool ofAll)
    {
        var id = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();
        await using var events = await EventReader.OpenAsync(Http, ofAll ? All : $"{Api.Generations}/{id}/events");

        (await events.NextAsync(id)).Name.ShouldBe("queued");
        await _worker.TellAsync(task, GenerationEventType.Started);
        (await events.NextAsync(id)).Name.ShouldBe("started");
        await _worker.TellAsync(task, GenerationEventType.Step, step: 3, preview: WorkerRole.Png);
        var (step, data) = await events.NextAsync(id);
        step.ShouldBe("step");
        data.GetProperty("progress").GetProperty("step").GetInt32().ShouldBe(3);
        var (preview, where) = await events.NextAsync(id);
        preview.ShouldBe("preview");
        (await Http.GetByteArrayAsync(where.Text("preview"))).ShouldBe(WorkerRole.Png);
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        var (done, picture) = await events.NextAsync(id);
        done.ShouldBe("done");
        picture.GetProperty("images").GetArrayLength().ShouldBe(1);
        if (!ofAll)
            (await events.HasEndedAsync()).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_present_state_has_the_present_place_in_the_line(bool ofAll)
    {
        var ids = new[] { await Http.AskForIdAsync("frog"), await Http.AskForIdAsync("frog") };
        var path = ofAll ? All : $"{Api.Generations}/{ids[1]}/events";
        var before = await PositionAsync();
        (await Http.DeleteAsync($"{Api.Generations}/{ids[0]}")).Dispose();

        (await PositionAsync()).ShouldBe(before - 1);

        async Task<int> PositionAsync()
        {
            await using var events = await EventReader.OpenAsync(Http, path);
            return (await events.NextAsync(ids[1])).Data.GetProperty("position").GetInt32();
        }
    }

    [Fact]
    public async Task Failures_cancellations_and_deletions_are_told_too()
    {
        await using var events = await EventReader.OpenAsync(Http, All);
        var failed = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();
        (await events.NextAsync(failed)).Name.ShouldBe("queued");
        await _worker.BuryAsync(task, "The model has no frogs.");
        var (name, data) = await events.NextAsync(failed);
        (name, data.Text("reason")).ShouldBe(("failed", "The model has no frogs."));

        (await Http.DeleteAsync($"{Api.Generations}/{failed}")).Dispose();
        (await events.NextAsync(failed)).Name.ShouldBe("deleted");

        var cancelled = await Http.AskForIdAsync("frog");
        (await events.NextAsync(cancelled)).Name.ShouldBe("queued");
        (await Http.DeleteAsync($"{Api.Generations}/{cancelled}")).Dispose();
        (await events.NextAsync(cancelled)).Name.ShouldBe("cancelled");
        await _worker.PurgeDeadLettersAsync();
    }

    [Fact]
    public async Task Who_comes_back_is_told_what_was_missed_and_nothing_else()
    {
        var before = await Http.AskForIdAsync("known before");
        string? last;
        await using (var events = await EventReader.OpenAsync(Http, All))
        {
            await events.NextAsync(before);
            var seen = await Http.AskForIdAsync("seen");
            await events.NextAsync(seen);
            // The id comes after the event.
            var marker = await Http.AskForIdAsync("marker");
            await events.NextAsync(marker);
            last = events.Parser.LastEventId;
        }
        last.ShouldNotBeNullOrEmpty();
        var missed = await Http.AskForIdAsync("missed");
        (await Http.DeleteAsync($"{Api.Generations}/{missed}")).Dispose();

        await using var resumed = await EventReader.OpenAsync(Http, All, last);
        (await resumed.NextAsync(missed)).Name.ShouldBe("cancelled");

        await using var elsewhere = await EventReader.OpenAsync(Http, All, "nonsense-7");
        (await elsewhere.NextAsync(before)).Name.ShouldBe("queued");
    }
}
