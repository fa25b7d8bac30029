using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class GenerationApiTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage) : IAsyncLifetime
{
    private WorkerRole _worker = null!;

    private HttpClient Http => webUi.Http;

    public async ValueTask InitializeAsync() => _worker = await WorkerRole.StartAsync(broker, storage);

    public ValueTask DisposeAsync() => _worker.DisposeAsync();

    [Fact]
    public async Task A_prompt_becomes_a_picture()
    {
        using var answer = await Http.AskAsync("red heart", count: 2);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var accepted = await answer.JsonAsync();
        var id = accepted.Text("id");
        answer.Headers.Location!.OriginalString.ShouldBe($"{Api.Generations}/{id}");
        accepted.Text("status").ShouldBe("queued");
        accepted.GetProperty("images").GetArrayLength().ShouldBe(0);

        var task = await _worker.TakeAsync();
        task.Id.ShouldBe(id);
        (task.Prompt, task.Count, task.Model, task.Client).ShouldBe(("red heart", 2, WebUiFixture.ModelName, "api"));
        (task.Steps, task.GuidanceScale, task.Scheduler, task.Width, task.Height).ShouldBe((12, 3.0, "ddim", 64, 64));
        task.Seed.ShouldBe(accepted.GetProperty("seed").GetInt64());

        await _worker.TellAsync(task, GenerationEventType.Started);
        await Http.WaitForStatusAsync(id, "running");
        await _worker.TellAsync(task, GenerationEventType.Step, step: 7);
        await Eventually.TrueAsync(async () =>
            (await Http.GetJsonAsync($"{Api.Generations}/{id}")).GetProperty("progress") is { ValueKind: not System.Text.Json.JsonValueKind.Null } progress
            && progress.GetProperty("step").GetInt32() == 7 && progress.GetProperty("of").GetInt32() == 12);

        await _worker.StoreAsync(task);
        await _worker.TellAsync(task, GenerationEventType.Done);
        var done = await Http.WaitForStatusAsync(id, "done");
        done.GetProperty("seconds").GetDouble().ShouldBe(1.25);
        var images = done.GetProperty("images").EnumerateArray().ToArray();
        images.Select(image => image.GetProperty("seed").GetInt64()).ShouldBe([task.Seed, task.Seed + 1]);
        images[1].Text("url").ShouldBe($"/api/images/{id}/1.png");

        using var picture = await Http.GetAsync(images[1].Text("url"));
        picture.StatusCode.ShouldBe(HttpStatusCode.OK);
        picture.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
        picture.Headers.CacheControl!.ToString().ShouldContain("immutable");
        (await picture.Content.ReadAsByteArrayAsync()).ShouldBe(WorkerRole.Png);
    }

    [Fact]
    public async Task A_picture_is_served_in_parts_and_only_if_it_is_new_to_the_client()
    {
        var id = await Http.AskForIdAsync("frog");
        await _worker.StoreAsync(await _worker.TakeAsync());
        var path = $"/api/images/{id}/0.png";
        using var whole = await Http.GetAsync(path);

        using var part = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = new RangeHeaderValue(1, 3) } };
        using var partAnswer = await Http.SendAsync(part);
        partAnswer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await partAnswer.Content.ReadAsStringAsync()).ShouldBe("PNG");

        using var head = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        head.Content.Headers.ContentLength.ShouldBe(WorkerRole.Png.Length);

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(whole.Headers.ETag.ShouldNotBeNull());
        using var againAnswer = await Http.SendAsync(again);
        againAnswer.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task What_a_client_sets_is_what_the_worker_gets()
    {
        using var answer = await Http.PostAsJsonAsync(Api.Generations, new
        {
            prompt = "frog", negativePrompt = "blue", model = WebUiFixture.ModelName, client = "tests", count = 3, seed = 7, steps = 5,
            guidanceScale = 1.5, scheduler = "EulerDiscreteScheduler", width = 72, height = 128, input = (string?)null,
        });
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var task = await _worker.TakeAsync();

        task.ShouldBe(task with
        {
            Prompt = "frog", NegativePrompt = "blue", Client = "tests", Count = 3, Seed = 7, Steps = 5,
            GuidanceScale = 1.5, Scheduler = "euler", Width = 72, Height = 128,
        });
    }

    [Theory]
    [InlineData("prompt", """{}""")]
    [InlineData("prompt", """{"prompt":null}""")]
    [InlineData("prompt", """{"prompt":""}""")]
    [InlineData("prompt", """{"prompt":"   "}""")]
    [InlineData("prompt", """{"prompt":5}""")]
    [InlineData("prompt", """{"prompt":"a\u0007b"}""")]
    [InlineData("prompt", """{"prompt":"a\nb"}""")]
    [InlineData("prompt", """{"prompt":"\ud800"}""")]
    [InlineData("negativePrompt", """{"prompt":"a","negativePrompt":"\u0000"}""")]
    [InlineData("width", """{"prompt":"a","width":63}""")]
    [InlineData("width", """{"prompt":"a","width":0}""")]
    [InlineData("height", """{"prompt":"a","height":100000}""")]
    [InlineData("height", """{"prompt":"a","height":1e300}""")]
    [InlineData("height", """{"prompt":"a","height":"64"}""")]
    [InlineData("steps", """{"prompt":"a","steps":0}""")]
    [InlineData("steps", """{"prompt":"a","steps":151}""")]
    [InlineData("steps", """{"prompt":"a","steps":2.5}""")]
    [InlineData("count", """{"prompt":"a","count":-1}""")]
    [InlineData("count", """{"prompt":"a","count":17}""")]
    [InlineData("seed", """{"prompt":"a","seed":-1}""")]
    [InlineData("seed", """{"prompt":"a","seed":9007199254740992}""")]
    [InlineData("seed", """{"prompt":"a","seed":99999999999999999999}""")]
    [InlineData("guidanceScale", """{"prompt":"a","guidanceScale":-1}""")]
    [InlineData("guidanceScale", """{"prompt":"a","guidanceScale":"x"}""")]
    [InlineData("scheduler", """{"prompt":"a","scheduler":"quantum"}""")]
    [InlineData("model", """{"prompt":"a","model":"../../etc"}""")]
    [InlineData("client", """{"prompt":"a","client":"\u001b"}""")]
    [InlineData("input", """{"prompt":"a","input":{}}""")]
    [InlineData("stpes", """{"prompt":"a","stpes":5}""")]
    [InlineData("body", "")]
    [InlineData("body", "not json")]
    [InlineData("body", """{"prompt":"a" """)]
    [InlineData("body", """{"prompt":"a","prompt":"b"}""")]
    [InlineData("body", """["a"]""")]
    [InlineData("body", """{"prompt":"a","\ud800":1}""")]
    [InlineData("body", """{"prompt":{"\ud800":1}}""")]
    [InlineData("prompt", """{"prompt":{"a":"\ud800"}}""")]
    [InlineData("body", "null")]
    public async Task Bad_input_is_refused_by_field_and_nothing_is_queued(string field, string body)
    {
        using var answer = await Http.PostAsync(Api.Generations, new StringContent(body, Encoding.UTF8, "application/json"));

        await answer.ShouldBeProblemAsync(400, field);
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task A_prompt_of_a_thousand_characters_is_accepted_and_one_more_is_not()
    {
        using var longest = await Http.AskAsync(new string('a', 1000));
        longest.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await _worker.TakeAsync()).Prompt.Length.ShouldBe(1000);

        using var longer = await Http.AskAsync(new string('a', 1001));
        await longer.ShouldBeProblemAsync(400, "prompt");
        (await _worker.WaitingAsync()).ShouldBe(0u);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task JSON_must_be_called_JSON(string contentType)
    {
        using var answer = await Http.PostAsync(Api.Generations, new StringContent("""{"prompt":"a"}""", Encoding.UTF8, contentType));

        await answer.ShouldBeProblemAsync(415);
        (await answer.JsonAsync()).Text("title").ShouldContain("application/json");
    }

    [Fact]
    public async Task A_huge_body_is_refused()
    {
        using var answer = await Http.AskAsync(new string('a', 1_000_000));

        await answer.ShouldBeProblemAsync(413);
    }

    [Theory]
    [InlineData("/api/generations/01J8ZQ4X7V9T3N2M5K6H8G1F0E")]
    [InlineData("/api/generations/no-id")]
    [InlineData("/api/generations/no-id/events")]
    [InlineData("/api/images/01J8ZQ4X7V9T3N2M5K6H8G1F0E/0.png")]
    [InlineData("/api/images/..%2f..%2fetc/0.png")]
    [InlineData("/api/images/01J8ZQ4X7V9T3N2M5K6H8G1F0E/-1.png")]
    [InlineData("/api/nothing")]
    public async Task What_is_not_there_is_a_404_in_problem_details(string path)
    {
        using var answer = await Http.GetAsync(path);
        await answer.ShouldBeProblemAsync(404);
    }

    [Fact]
    public async Task A_lost_event_does_not_hide_the_picture()
    {
        var id = await Http.AskForIdAsync("frog");

        await _worker.StoreAsync(await _worker.TakeAsync());

        (await Http.GetJsonAsync($"{Api.Generations}/{id}")).Text("status").ShouldBe("done");
    }

    [Fact]
    public async Task A_failure_says_why()
    {
        var id = await Http.AskForIdAsync("frog");
        var task = await _worker.TakeAsync();

        await _worker.StoreAsync(task, failure: "The model has no frogs.");
        await _worker.TellAsync(task, GenerationEventType.Failed, reason: "The model has no frogs.");

        (await Http.WaitForStatusAsync(id, "failed")).Text("reason").ShouldBe("The model has no frogs.");
    }

    [Fact]
    public async Task The_list_is_newest_first_and_comes_in_pages()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await Http.AskForIdAsync($"frog {i}"));
        ids.Sort(StringComparer.Ordinal);
        ids.Reverse();

        var first = await Http.GetJsonAsync($"{Api.Generations}?limit=2");
        var second = await Http.GetJsonAsync(first.Text("next"));

        first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray())
            .Select(item => item.Text("id")).ShouldBe(ids.Take(4));
        using var bad = await Http.GetAsync($"{Api.Generations}?limit=0");
        await bad.ShouldBeProblemAsync(400, "limit");
    }

    [Fact]
    public async Task A_restart_shows_what_was_accepted_and_what_has_ended()
    {
        var queued = await Http.AskForIdAsync("still waiting");
        await _worker.TakeAsync();
        var done = await Http.AskForIdAsync("painted");
        await _worker.StoreAsync(await _worker.TakeAsync());
        var failed = await Http.AskForIdAsync("broken");
        await _worker.StoreAsync(await _worker.TakeAsync(), failure: "No.");

        await using var restarted = await webUi.StartAnotherAsync();

        await Eventually.TrueAsync(async () =>
        {
            var items = (await restarted.Http.GetJsonAsync($"{Api.Generations}?limit=3")).GetProperty("items").EnumerateArray().ToArray();
            return items.Length == 3 && items.ToDictionary(item => item.Text("id"), item => item.Text("status")) is var states
                && states.GetValueOrDefault(queued) == "queued"
                && states.GetValueOrDefault(done) == "done"
                && states.GetValueOrDefault(failed) == "failed";
        });
    }
}
