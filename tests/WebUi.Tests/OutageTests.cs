using System.Net;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class OutageTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage)
{
    [Fact]
    public async Task Without_a_broker_it_says_so_everywhere_and_recovers_by_itself()
    {
        await broker.StopAsync();
        WebUiProcess? started = null;
        try
        {
            // Both one that was running and one that starts now.
            started = await webUi.StartAnotherAsync();
            foreach (var http in (HttpClient[])[webUi.Http, started.Http])
            {
                using var answer = await http.AskAsync("red heart");
                await answer.ShouldBeProblemAsync(503);
                answer.Headers.RetryAfter!.Delta.ShouldNotBeNull();
                using var alive = await http.GetAsync("/alive");
                alive.StatusCode.ShouldBe(HttpStatusCode.OK);
                using var health = await http.GetAsync("/health");
                health.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
                (await health.JsonAsync()).GetProperty("checks").GetProperty("messaging").Text("description").ShouldContain("cannot be reached");
                await Eventually.TrueAsync(async () =>
                    (await http.GetStringAsync("/")).Contains("The message broker cannot be reached", StringComparison.Ordinal));
            }
        }
        finally
        {
            await broker.StartAsync();
        }
        await using (started)
        {
            foreach (var http in (HttpClient[])[webUi.Http, started.Http])
            {
                await Eventually.TrueAsync(async () => (await http.GetAsync("/health")).IsSuccessStatusCode);
                await Eventually.TrueAsync(async () =>
                    !(await http.GetStringAsync("/")).Contains("The message broker cannot be reached", StringComparison.Ordinal));
                await http.AskForIdAsync("red heart");
            }
            // Its events come again as well.
            await using var worker = await WorkerRole.StartAsync(broker, storage);
            var id = await started.Http.AskForIdAsync("frog");
            await worker.TellAsync(await worker.TakeAsync(), GenerationEventType.Started);
            await started.Http.WaitForStatusAsync(id, "running");
        }
    }

    [Fact]
    public async Task A_replica_that_lost_its_line_learns_what_others_accepted_meanwhile()
    {
        var server = new Uri(broker.ConnectionString);
        var line = new StallingProxy(server);
        await using var other = await WebUiProcess.StartAsync(
            line.ConnectionString, storage.ConnectionString, new Dictionary<string, string> { ["Worker__Model"] = webUi.Model });
        await webUi.Http.AskUntilHeardAsync(other.Http);

        await line.DisposeAsync();
        await Eventually.TrueAsync(async () => (await other.Http.GetAsync("/health")).StatusCode == HttpStatusCode.ServiceUnavailable);
        var missed = await webUi.Http.AskForIdAsync("accepted elsewhere");
        await using var again = new StallingProxy(server, new Uri(line.ConnectionString).Port);

        await other.Http.WaitForStatusAsync(missed, "queued");
    }

    [Fact]
    public async Task Without_storage_nothing_is_accepted_and_it_recovers_by_itself()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        await storage.StopAsync();
        WebUiProcess? started = null;
        try
        {
            started = await webUi.StartAnotherAsync();
            foreach (var http in (HttpClient[])[webUi.Http, started.Http])
            {
                using var answer = await http.AskAsync("red heart");
                await answer.ShouldBeProblemAsync(503);
                answer.Headers.RetryAfter.ShouldNotBeNull();
                using var picture = await http.GetAsync($"/api/images/{TaskId.New(TimeProvider.System)}/0.png");
                await picture.ShouldBeProblemAsync(503);
                using var health = await http.GetAsync("/health");
                (await health.JsonAsync()).GetProperty("checks").GetProperty("storage").Text("status").ShouldBe("Unhealthy");
            }
            (await worker.WaitingAsync()).ShouldBe(0u);
            await Eventually.TrueAsync(async () =>
                (await started.Http.GetStringAsync("/")).Contains("The storage cannot be reached", StringComparison.Ordinal));
        }
        finally
        {
            await storage.StartAsync();
        }
        await using (started)
        {
            await Eventually.TrueAsync(async () => (await started.Http.GetAsync("/health")).IsSuccessStatusCode);
            await started.Http.AskForIdAsync("red heart");
        }
    }

    [Fact]
    public async Task A_full_queue_is_a_503_and_leaves_nothing_behind()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        // Something older, so that a list of one more shows whether the refused one is in it.
        await webUi.Http.AskForIdAsync("older");
        await worker.DeleteQueueAsync();
        await using var small = await webUi.StartAnotherAsync(new Dictionary<string, string> { ["Topology__MaxLength"] = "1" });
        var accepted = new HashSet<string>();
        HttpResponseMessage answer;
        while ((answer = await small.Http.AskAsync("frog")).StatusCode == HttpStatusCode.Accepted)
        {
            accepted.Add((await answer.JsonAsync()).Text("id"));
            accepted.Count.ShouldBeLessThan(50);
        }

        await answer.ShouldBeProblemAsync(503);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (await answer.JsonAsync()).Text("title").ShouldContain("full");
        await Eventually.TrueAsync(async () => await worker.WaitingAsync() == (uint)accepted.Count);
        // Neither now nor after a restart is the refused one shown.
        await ShouldShowOnlyAcceptedAsync(small.Http);
        await worker.DeleteQueueAsync();
        await using var restarted = await webUi.StartAnotherAsync();
        await Eventually.TrueAsync(async () => (await NewestAsync(restarted.Http)).Count > accepted.Count);
        await ShouldShowOnlyAcceptedAsync(restarted.Http);

        async Task ShouldShowOnlyAcceptedAsync(HttpClient http) =>
            (await NewestAsync(http)).Take(accepted.Count).ShouldBe(accepted, ignoreOrder: true);

        async Task<List<string>> NewestAsync(HttpClient http) =>
            [.. (await http.GetJsonAsync($"{Api.Generations}?limit={accepted.Count + 1}")).GetProperty("items").EnumerateArray().Select(item => item.Text("id"))];
    }

    [Theory]
    [InlineData("Worker__Model", "/nowhere", "/nowhere/vae/config.json")]
    [InlineData("Worker__Model", "", "Worker__Model")]
    [InlineData("Models__odd__Queue", "tasks.dead", "Models__odd__Queue is 'tasks.dead'")]
    [InlineData("DefaultModel", "nobody", "DefaultModel is 'nobody'")]
    [InlineData("LostTasks__AfterSeconds", "soon", "LostTasks__AfterSeconds is 'soon'")]
    [InlineData("LostTasks__AfterSeconds", "100000", "LostTasks__AfterSeconds is '100000'")]
    [InlineData("ConnectionStrings__messaging", "", "ConnectionStrings__messaging")]
    [InlineData("ConnectionStrings__storage", "", "ConnectionStrings__storage")]
    public async Task Wrong_configuration_is_one_line_and_exit_code_2(string variable, string value, string named)
    {
        var environment = new Dictionary<string, string>
        {
            ["ConnectionStrings__messaging"] = broker.ConnectionString,
            ["ConnectionStrings__storage"] = storage.ConnectionString,
            ["Worker__Model"] = webUi.Model,
            [variable] = value,
        };
        await using var process = ChildProcess.Start("dotnet", [Repository.Program("WebUi")], environment);

        (await process.WaitForExitAsync(Eventually.Generous)).ShouldBe(2);
        await Eventually.TrueAsync(() => process.Output.Count > 0);
        process.Output.ShouldHaveSingleItem().ShouldContain(named);
    }
}
