using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class ListTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private WorkerRole _worker = null!;

    private HttpClient Http => webUi.Http;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(broker, storage);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task Words_status_and_model_are_looked_for_in_pages()
    {
        var word = TaskId.New(TimeProvider.System);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await Http.AskForIdAsync($"A Lonely {word} number-{i}"));
        (await Http.DeleteAsync($"{Api.Generations}/{ids[1]}")).Dispose();
        ids.Sort(StringComparer.Ordinal);
        var newestFirst = ids.AsEnumerable().Reverse().ToArray();

        (await AllAsync($"limit=2&q={word.ToLowerInvariant()}+lonely")).ShouldBe(newestFirst);
        (await AllAsync($"q={word}+number-3")).ShouldBe([ids[3]]);
        (await AllAsync($"q={word}&status=cancelled")).ShouldBe([ids[1]]);
        (await AllAsync($"q={word}&status=queued,cancelled&model={WebUiFixture.ModelName}")).ShouldBe(newestFirst);
        (await AllAsync($"q={word}&model=other")).ShouldBeEmpty();
        (await AllAsync($"q={word}&before={ids[2]}")).ShouldBe([ids[1], ids[0]]);
        (await AllAsync($"q={word}&after={ids[2]}")).ShouldBe([ids[4], ids[3]]);
        // From where one is, towards the newest: page by page, each newest first.
        (await AllAsync($"q={word}&after={ids[0]}&limit=2")).ShouldBe([ids[2], ids[1], ids[4], ids[3]]);
    }

    [Theory]
    [InlineData("status", "status=painted")]
    [InlineData("status", "status=1")]
    [InlineData("before", "before=yesterday")]
    [InlineData("after", "after=yesterday")]
    [InlineData("limit", "limit=101")]
    public async Task What_cannot_be_looked_for_is_named(string field, string query)
    {
        using var answer = await Http.GetAsync($"{Api.Generations}?{query}");
        await answer.ShouldBeProblemAsync(400, field);
    }

    [Fact]
    public async Task Those_who_wait_know_their_position_and_when_their_picture_may_come()
    {
        foreach (var item in (await Http.GetJsonAsync($"{Api.Generations}?limit=100&status=queued,running")).GetProperty("items").EnumerateArray())
            (await Http.DeleteAsync($"{Api.Generations}/{item.Text("id")}")).Dispose();
        var painted = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();
        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        await Http.WaitForStatusAsync(painted, "done");
        // Those of other tests, whose worker nobody is.
        foreach (var item in (await Http.GetJsonAsync($"{Api.Generations}?limit=100&status=running")).GetProperty("items").EnumerateArray())
        {
            await _worker.TellAsync(task with { Id = item.Text("id") }, GenerationEventType.Cancelled);
            await Http.WaitForStatusAsync(item.Text("id"), "cancelled");
        }
        var ids = new[] { await Http.AskForIdAsync("frog"), await Http.AskForIdAsync("frog"), await Http.AskForIdAsync("frog") };
        (await PositionAsync(ids[2])).ShouldBe(3);
        var view = await Http.GetJsonAsync($"{Api.Generations}/{ids[2]}");
        // About: the tasks of other tests are of other sizes, and took as long.
        view.GetProperty("estimatedSeconds").GetDouble().ShouldBe(3 * WorkerRole.WorkerSeconds, tolerance: WorkerRole.WorkerSeconds);

        (await Http.DeleteAsync($"{Api.Generations}/{ids[0]}")).Dispose();

        (await PositionAsync(ids[2])).ShouldBe(2);
        var status = await Http.GetJsonAsync("/api/status");
        status.GetProperty("queued").GetInt32().ShouldBe(2);
        status.GetProperty("picturesPerMinute").GetInt32().ShouldBeGreaterThan(0);
        status.GetProperty("secondsToFirstPicture").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        status.GetProperty("uptimeSeconds").GetDouble().ShouldBeGreaterThan(0);
        var model = status.GetProperty("models").EnumerateArray().ShouldHaveSingleItem();
        (model.Text("name"), model.GetProperty("queued").GetInt32()).ShouldBe((WebUiFixture.ModelName, 2));
        await _worker.TellAsync(await TakeAsync(ids[1]), GenerationEventType.Started);
        await Http.WaitForStatusAsync(ids[1], "running");
        status = await Http.GetJsonAsync("/api/status");
        (status.GetProperty("running").GetInt32(), status.GetProperty("workers").GetInt32()).ShouldBe((1, 1));
    }

    [Fact]
    public async Task What_is_asked_for_in_parallel_is_a_generation_for_each_picture()
    {
        using var answer = await Http.PostAsync(Api.Generations, new StringContent(
            """{"prompt":"frog","count":8,"seed":5,"parallel":true}""", System.Text.Encoding.UTF8, "application/json"));

        var items = (await answer.JsonAsync()).GetProperty("items").EnumerateArray().ToArray();
        items.OrderBy(item => item.Text("id"), StringComparer.Ordinal).Select(item => item.GetProperty("seed").GetInt64())
            .ShouldBe([5, 6, 7, 8, 9, 10, 11, 12]);
        var tasks = new List<GenerationTask>();
        foreach (var _ in items)
            tasks.Add(await _worker.TakeAsync());
        tasks.Select(task => task.Id).ShouldBe(items.Select(item => item.Text("id")), ignoreOrder: true);
        tasks.ShouldAllBe(task => task.Count == 1 && task.Group != null && task.Group == tasks[0].Group);
    }

    [Fact]
    public async Task Models_and_samplers_are_listed()
    {
        var model = (await Http.GetJsonAsync("/api/models")).EnumerateArray().ShouldHaveSingleItem();
        (model.Text("name"), model.GetProperty("default").GetBoolean(), model.GetProperty("steps").GetInt32())
            .ShouldBe((WebUiFixture.ModelName, true, 12));
        model.GetProperty("examples").EnumerateArray().Select(example => example.GetString()).ShouldBe(["red heart", "frog"]);

        var samplers = (await Http.GetJsonAsync("/api/samplers")).EnumerateArray().ToArray();
        samplers.Select(sampler => sampler.Text("name")).ShouldBe(Schedulers.Known);
        samplers.Single(sampler => sampler.Text("name") == "ddim").GetProperty("models").GetArrayLength().ShouldBe(1);
    }

    private async Task<GenerationTask> TakeAsync(string id)
    {
        while (true)
        {
            if (await _worker.TakeAsync() is var task && task.Id == id)
                return task;
        }
    }

    private async Task<int> PositionAsync(string id) =>
        (await Http.GetJsonAsync($"{Api.Generations}/{id}")).GetProperty("position").GetInt32();

    private async Task<IReadOnlyList<string>> AllAsync(string query)
    {
        var ids = new List<string>();
        var next = $"{Api.Generations}?{query}";
        while (next is not null)
        {
            var page = await Http.GetJsonAsync(next);
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.Text("id")));
            next = page.GetProperty("next").GetString();
        }
        return ids;
    }
}
