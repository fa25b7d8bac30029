using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.WebUi.Tests;

[Collection(HouseCollection.Name)]
public sealed class MetricsTests(WebUiFixture webUi, BrokerFixture broker, ObjectStoreFixture storage)
{
    private const string OtherQueue = "metrics-tests.portraits";
    private const string Little = "model=\"little\"";

    [Fact]
    public async Task Every_replica_has_the_figures_of_all_generations()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        await using var other = await WorkerRole.StartAsync(broker, storage, OtherQueue);
        await using var first = await Replica.StartAsync(webUi, GuardedWebUi.Settings);
        first.Http.DefaultRequestHeaders.Authorization = new("Bearer", GuardedWebUi.Key);
        await using var second = await Replica.StartAsync(webUi);
        await HearsAsync(first, of: second);
        await HearsAsync(second, of: first);
        foreach (var metrics in (Scrape[])[await first.ScrapeAsync(), await second.ScrapeAsync()])
        {
            foreach (var name in (string[])[
                "sdaspire_generations_accepted_total", "sdaspire_pictures_total", "sdaspire_estimated_cost_total"])
                metrics.Find(name, Little).ShouldBe(0, metrics.Text);
        }

        var painted = await first.Http.AskForIdAsync("red heart", count: 2);
        await first.Http.AskForIdAsync("frog");
        await first.Http.AskForIdAsync("bread");
        var done = await worker.TakeAsync();
        done.Id.ShouldBe(painted);
        await worker.TellAsync(done, GenerationEventType.Started);
        await BothAsync(metrics => metrics.Find("sdaspire_generations_painting", Little) == 1);
        await worker.StoreAsync(done);
        // Told twice, as after a redelivery.
        await worker.TellAsync(done, GenerationEventType.Done);
        await worker.TellAsync(done, GenerationEventType.Done);
        var failed = await worker.TakeAsync();
        await worker.TellAsync(failed, GenerationEventType.Started);
        await worker.StoreAsync(failed, "The model has no frogs.");
        await worker.TellAsync(failed, GenerationEventType.Failed, reason: "The model has no frogs.");
        await BothAsync(metrics =>
            metrics.Find("sdaspire_generations_finished_total", Little, "status=\"failed\"") == 1
            && metrics.Find("sdaspire_queue_messages", Little, "queue=\"tasks\"") == 1);

        foreach (var metrics in (Scrape[])[await first.ScrapeAsync(), await second.ScrapeAsync()])
        {
            Expect("sdaspire_generations_accepted_total", 3);
            Expect("sdaspire_generations_finished_total", 1, "status=\"done\"");
            Expect("sdaspire_generations_finished_total", 0, "status=\"cancelled\"");
            Expect("sdaspire_pictures_total", 2);
            Expect("sdaspire_generations_painting", 0);
            Expect("sdaspire_generation_wait_seconds_count", 2);
            Expect("sdaspire_generation_duration_seconds_count", 1);
            Expect("sdaspire_generation_duration_seconds_sum", WorkerRole.WorkerSeconds);
            Expect("sdaspire_generation_duration_seconds_bucket", 0, "le=\"30\"");
            Expect("sdaspire_generation_duration_seconds_bucket", 1, "le=\"60\"");
            Expect("sdaspire_worker_seconds_total", 2 * WorkerRole.WorkerSeconds, "device=\"cuda\"");
            Expect("sdaspire_worker_seconds_total", 0, "device=\"cpu\"");
            Expect("sdaspire_estimated_cost_total", 2);
            metrics.Find("sdaspire_generations_finished_total", "model=\"large\"", "status=\"done\"").ShouldBe(0);
            metrics.Find("sdaspire_estimated_cost_total", "model=\"large\"").ShouldBeNull("it has no price");
            foreach (var (name, type) in ((string, string)[])[
                ("sdaspire_generations_accepted_total", "counter"), ("sdaspire_queue_messages", "gauge"),
                ("sdaspire_generation_wait_seconds", "histogram"), ("sdaspire_estimated_cost_total", "counter")])
                metrics.Text.ShouldContain($"# TYPE {name} {type}\n");

            void Expect(string name, double value, params string[] labels) =>
                metrics.Find(name, [Little, .. labels]).ShouldBe(value, $"{name} {string.Join(' ', labels)}\n{metrics.Text}");
        }

        // One that is queued again is counted again, and one that is given up as what it is.
        (await first.Http.PostAsync($"{Api.Generations}/{failed.Id}/retry", null)).Dispose();
        (await first.Http.DeleteAsync($"{Api.Generations}/{failed.Id}")).Dispose();
        await BothAsync(metrics =>
            metrics.Find("sdaspire_generations_accepted_total", Little) == 4
            && metrics.Find("sdaspire_generations_finished_total", Little, "status=\"cancelled\"") == 1
            && metrics.Find("sdaspire_generations_finished_total", Little, "status=\"failed\"") == 1);

        // What another replica has accepted can be asked for and followed here.
        (await second.Http.GetJsonAsync($"{Api.Generations}/{failed.Id}")).Text("status").ShouldBe("cancelled");
        // What was before it began is none of a replica's figures, though it is in its gallery.
        await using var late = await Replica.StartAsync(webUi);
        await late.Http.WaitForStatusAsync(painted, "done");
        (await late.ScrapeAsync()).Find("sdaspire_generations_finished_total", Little, "status=\"done\"").ShouldBe(0);
        await other.DeleteQueueAsync();

        Task BothAsync(Func<Scrape, bool> condition) => Eventually.TrueAsync(
            async () => condition(await first.ScrapeAsync()) && condition(await second.ScrapeAsync()));
    }

    [Fact]
    public async Task The_figures_and_the_page_are_each_on_a_port_of_their_own()
    {
        await using var worker = await WorkerRole.StartAsync(broker, storage);
        await using var replica = await Replica.StartAsync(webUi);
        replica.WebUi.Output.ShouldContain(line =>
            line.EndsWith($"Now listening on: http://127.0.0.1:{replica.Metrics.Port}", StringComparison.Ordinal));

        using var onPage = await replica.Http.GetAsync("/metrics");
        onPage.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var onMetrics = new HttpClient { BaseAddress = replica.Metrics };
        foreach (var path in (string[])["/", "/health", "/login", "/api/generations", "/app.css"])
        {
            using var answer = await onMetrics.GetAsync(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
        }
        using var asked = await onMetrics.PostAsJsonAsync(Api.Generations, new { prompt = "red heart" });
        asked.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await worker.WaitingAsync()).ShouldBe(0u);
        (await replica.ScrapeAsync()).Samples.ShouldNotContain(
            sample => sample.StartsWith("http_server_request_duration", StringComparison.Ordinal)
                && sample.Contains("metrics", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_port_there_are_none()
    {
        using var answer = await webUi.Http.GetAsync("/metrics");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        webUi.Output.Count(line => line.Contains("Now listening on: ", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData("Metrics__Port", "70000", "it must be from 0 to 65535")]
    [InlineData("Metrics__Port", "http", "it must be from 0 to 65535")]
    [InlineData("Metrics__PricePerHour__tiny", "cheap", "it must be a number that is not negative")]
    [InlineData("Metrics__PricePerHour__tiny", "-0.5", "it must be a number that is not negative")]
    [InlineData("Metrics__PricePerHour__another", "0.5", "no such model is served; served are ")]
    public async Task What_cannot_be_counted_with_is_refused_at_the_start(string key, string value, string expected)
    {
        await using var process = ChildProcess.Start("dotnet", [Repository.Program("WebUi")], new Dictionary<string, string>
        {
            ["ConnectionStrings__messaging"] = broker.ConnectionString,
            ["ConnectionStrings__storage"] = storage.ConnectionString,
            ["Models__tiny__Queue"] = "tasks",
            ["Models__tiny__Path"] = Repository.TinyModel,
            [key] = value,
        });

        (await process.WaitForExitAsync(Eventually.Generous)).ShouldBe(2);
        await Eventually.TrueAsync(() => process.Output.Count > 0);
        var line = process.Output.ShouldHaveSingleItem();
        line.ShouldStartWith(key);
        line.ShouldContain(expected);
    }

    /// <summary>Events are not kept for who is not there yet.</summary>
    private static async Task HearsAsync(Replica listener, Replica of)
    {
        var before = await AcceptedAsync() ?? 0;
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await of.Http.PostAsJsonAsync(Api.Generations, new { prompt = "a queen", model = "large" });
            return await AcceptedAsync() > before;
        });

        async Task<double?> AcceptedAsync() =>
            (await listener.ScrapeAsync()).Find("sdaspire_generations_accepted_total", "model=\"large\"");
    }

    /// <summary>A WebUi with two models, one of which has a price, and a port for the figures.</summary>
    private sealed record Replica(WebUiProcess WebUi, Uri Metrics) : IAsyncDisposable
    {
        public HttpClient Http => WebUi.Http;

        public static async Task<Replica> StartAsync(WebUiFixture webUi, IReadOnlyDictionary<string, string>? settings = null)
        {
            var port = ChildProcess.FreePort();
            var replica = new Replica(
                await webUi.StartAnotherAsync(new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
                {
                    ["Models__little__Queue"] = GenerationTopology.Queue,
                    ["Models__little__Path"] = webUi.Model,
                    ["Models__large__Queue"] = OtherQueue,
                    ["Models__large__Path"] = webUi.Model,
                    ["DefaultModel"] = "little",
                    ["Metrics__Port"] = port.ToString(CultureInfo.InvariantCulture),
                    ["Metrics__PricePerHour__little"] = "100",
                }),
                new Uri($"http://127.0.0.1:{port}"));
            await Eventually.TrueAsync(async () => (await replica.Http.GetAsync("/health")).IsSuccessStatusCode);
            return replica;
        }

        public Task<Scrape> ScrapeAsync() => Scrape.OfAsync(Metrics);

        public ValueTask DisposeAsync() => WebUi.DisposeAsync();
    }
}
