using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.Options;
using SdAspire.Scaler.Jobs;
using SdAspire.Tests.Shared;

namespace SdAspire.Scaler.Tests;

[Collection(nameof(LauncherFixture))]
public class JobEndpointsTests(LauncherFixture fixture)
{
    /// <summary>A worker that takes its message when it is told to, and ends as it is told.</summary>
    private const string Obedient = """
        wait_for() { while [ ! -e "$FOLDER/$1" ]; do sleep 0.01; done; }
        take() { echo "$1" > "$Worker__ReadinessFile.new"; mv "$Worker__ReadinessFile.new" "$Worker__ReadinessFile"; }
        echo loading; wait_for take; take "01J0 2"; wait_for next; take "01J1 1"; wait_for end; echo broken >&2; exit 3
        """;

    [Fact]
    public async Task A_job_is_followed_from_its_start_to_its_end()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Obedient, ("Scaler__maxReplicaCount", "1"));
        using var http = await launcher.ClientAsync();
        using var stream = await http.GetStreamAsync("/jobs/events");
        await using var events = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();

        (await NextAsync("jobs")).GetArrayLength().ShouldBe(0);
        await fixture.PublishAsync();
        var started = await NextAsync("job");
        started.GetProperty("state").GetString().ShouldBe("pending");
        started.TryGetProperty("exitCode", out _).ShouldBeFalse();
        (await NextAsync("line")).GetProperty("text").GetString().ShouldBe("loading");
        Touch("take");
        var running = await NextAsync("job");
        running.GetProperty("state").GetString().ShouldBe("running");
        Task(running).ShouldBe(("01J0", 2));
        Touch("next");
        Task(await NextAsync("job")).ShouldBe(("01J1", 1));
        // Its message stays in the queue, and the next job for it is not what is looked at here.
        await fixture.PurgeAsync();
        Touch("end");
        var line = await NextAsync("line");
        (line.GetProperty("text").GetString(), line.GetProperty("isError").GetBoolean()).ShouldBe(("broken", true));
        var ended = await NextAsync("job");
        ended.GetProperty("state").GetString().ShouldBe("failed");
        ended.GetProperty("exitCode").GetInt32().ShouldBe(3);
        ended.GetProperty("reason").GetString().ShouldBe("DeadLettered");
        ended.GetProperty("message").GetString().ShouldBe("broken");
        ended.GetProperty("endedAt").GetDateTimeOffset().ShouldBeGreaterThan(started.GetProperty("startedAt").GetDateTimeOffset());
        Task(ended).ShouldBe(("01J1", 1));

        var name = started.GetProperty("name").GetString();
        var job = (await http.GetFromJsonAsync<JsonElement>("/jobs")).EnumerateArray().ShouldHaveSingleItem();
        job.GetProperty("name").GetString().ShouldBe(name);
        job.GetProperty("processId").GetInt32().ShouldBe(launcher.Workers[0]);
        (await http.GetFromJsonAsync<JsonElement>($"/jobs/{name}")).GetRawText().ShouldBe(job.GetRawText());
        (await http.GetStringAsync($"/jobs/{name}/log")).ShouldBe("loading\nbroken\n");

        static (string? Id, int Attempt) Task(JsonElement job) => (job.GetProperty("task").GetString(), job.GetProperty("attempt").GetInt32());

        void Touch(string file) => File.WriteAllText(Path.Combine(launcher.Folder, file), "");

        async Task<JsonElement> NextAsync(string type)
        {
            (await events.MoveNextAsync().AsTask().WaitAsync(Eventually.Generous)).ShouldBeTrue();
            events.Current.EventType.ShouldBe(type);
            return JsonDocument.Parse(events.Current.Data).RootElement;
        }
    }

    [Fact]
    public async Task Ended_jobs_are_forgotten_beyond_the_history_limit()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "exit 0", ("Scaler__maxReplicaCount", "1"), ("Scaler__successfulJobsHistoryLimit", "1"));
        await fixture.PublishAsync();
        await launcher.SeesTimesAsync("ended with exit code 0", 3);
        await fixture.PurgeAsync();
        using var http = await launcher.ClientAsync();
        await Eventually.TrueAsync(async () =>
            (await http.GetFromJsonAsync<JsonElement>("/jobs")).EnumerateArray().Count() == 1);
    }

    [Theory]
    [InlineData("/jobs/worker-12345")]
    [InlineData("/jobs/worker-12345/log")]
    public async Task Nothing_is_told_of_an_unknown_job(string path)
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, "exit 0");
        using var http = await launcher.ClientAsync();
        using var answer = await http.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task A_follower_that_is_too_far_behind_is_let_go_and_finds_all_when_it_begins_anew()
    {
        using var history = new JobHistory(Options.Create(new ScalerOptions()), TimeProvider.System);
        await using var behind = history.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        (await behind.MoveNextAsync()).ShouldBeTrue();
        history.Started("a", 1);
        for (var i = 0; i < 20_000; i++)
            history.Wrote("a", $"{i}", isError: false);
        while (await behind.MoveNextAsync())
        {
        }

        await using var anew = history.FollowAsync(CancellationToken.None).GetAsyncEnumerator();
        (await anew.MoveNextAsync()).ShouldBeTrue();
        anew.Current.ShouldBeOfType<JobsActive>().Jobs.ShouldHaveSingleItem().Name.ShouldBe("a");
    }

    [Fact]
    public void A_log_keeps_its_last_lines()
    {
        using var history = new JobHistory(Options.Create(new ScalerOptions()), TimeProvider.System);
        history.Started("a", 1);
        for (var i = 0; i <= JobHistory.MaxLogLines; i++)
            history.Wrote("a", $"{i}", isError: false);
        history.TryGetLog("a", out var lines).ShouldBeTrue();
        lines.Count.ShouldBe(JobHistory.MaxLogLines);
        lines[0].Text.ShouldBe("1");
    }
}
