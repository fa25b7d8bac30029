using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class PaintingTests(RunningAppHost host)
{
    private const string JobEnvironment = "Scaler__Job__Environment__";

    [Fact]
    public async Task A_prompt_becomes_the_picture_that_the_engine_alone_paints()
    {
        var queued = await host.Paint(new { prompt = "a red heart", seed = 4711, steps = 3, scheduler = "euler", guidanceScale = 5.5, width = 64, height = 64 });
        var done = await host.Finished(queued);

        done["status"]!.GetValue<string>().ShouldBe("done", done.ToJsonString());
        var picture = await host.WebUi.GetByteArrayAsync(done["images"]![0]!["url"]!.GetValue<string>());

        using var folder = new TemporaryFolder();
        var file = folder["alone.png"];
        var (exitCode, _, errors) = await Command.Run(
            "dotnet",
            [
                Repository.Program("Worker"), "generate", "--model", Repository.TinyModel, "--prompt", "a red heart", "--seed", "4711", "--steps", "3",
                "--scheduler", "euler", "--guidance", "5.5", "--width", "64", "--height", "64", "--out", file,
            ],
            EngineEnvironment());
        exitCode.ShouldBe(0, string.Join('\n', errors));
        Png.Decode(picture).ShouldBe(Png.Decode(await File.ReadAllBytesAsync(file)));
    }

    [Fact]
    public async Task Every_picture_of_a_request_has_a_seed_of_its_own_and_comes_back()
    {
        var done = await host.Finished(await host.Paint(new { prompt = "three frogs", count = 3, seed = 10, steps = 2 }));

        done["status"]!.GetValue<string>().ShouldBe("done", done.ToJsonString());
        var images = done["images"]!.AsArray();
        images.Select(image => image!["seed"]!.GetValue<long>()).ShouldBe([10, 11, 12]);
        var pictures = new List<Png>();
        foreach (var image in images)
            pictures.Add(Png.Decode(await host.WebUi.GetByteArrayAsync(image!["url"]!.GetValue<string>())));
        pictures.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task Prompts_that_come_together_are_all_painted_and_then_no_worker_is_left()
    {
        var queued = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => host.Paint(new { prompt = $"picture {n}", steps = 2 })));

        foreach (var generation in queued)
            (await host.Finished(generation))["status"]!.GetValue<string>().ShouldBe("done");

        await Eventually.TrueAsync(() => RunningAppHost.Processes("Worker.dll").Count == 0, "the last worker ends");
        await using var connection = await host.ConnectToBroker();
        await using var channel = await connection.CreateChannelAsync();
        (await channel.QueueDeclarePassiveAsync("tasks")).MessageCount.ShouldBe(0u);
        RunningAppHost.Processes("Scaler.dll").Count.ShouldBe(1, "the launcher stays");
    }

    [Fact]
    public async Task A_job_is_a_child_of_its_launcher_with_a_log_of_its_own_and_goes_when_it_is_done()
    {
        using var bound = new CancellationTokenSource(Eventually.Generous);
        var id = new TaskCompletionSource<string>();
        var shown = JobThatPaints(id.Task, bound.Token);
        var generation = await host.Paint(new { prompt = "a frog", steps = 1 });
        id.SetResult($"{generation["id"]}");
        var job = await shown;
        (await host.Finished(generation))["status"]!.GetValue<string>().ShouldBe("done");

        job.Snapshot.Properties.Single(p => p.Name == "resource.parentName").Value.ShouldBe("scaler");
        await host.App.ResourceNotifications.WaitForResourceAsync(job.Resource.Name, e => e.Snapshot.IsHidden, bound.Token);
    }

    // By its log: a job of the test before may still be there.
    private async Task<ResourceEvent> JobThatPaints(Task<string> id, CancellationToken cancellationToken)
    {
        var logs = host.App.Services.GetRequiredService<ResourceLoggerService>();
        var found = new TaskCompletionSource<ResourceEvent>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync();
        var job = await await Task.WhenAny(found.Task, FailedAsync());
        await enough.CancelAsync();
        await ((Task)watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return job;

        async Task WatchAsync()
        {
            var seen = new HashSet<string>();
            await foreach (var change in host.App.ResourceNotifications.WatchAsync(enough.Token))
                if (change.Snapshot is { ResourceType: "Job", IsHidden: false } && seen.Add(change.Resource.Name))
                    _ = FollowAsync(change);
        }

        async Task FollowAsync(ResourceEvent change)
        {
            var log = "";
            await foreach (var lines in logs.WatchAsync(change.Resource).WithCancellation(enough.Token))
            {
                log += string.Concat(lines.Select(line => line.Content + "\n"));
                if (!log.Contains("Painted ", StringComparison.Ordinal)) continue;
                if (log.Contains($"Painted {await id}", StringComparison.Ordinal)) found.TrySetResult(change);
                return;
            }
        }

        async Task<ResourceEvent> FailedAsync()
        {
            await watching;
            throw new InvalidOperationException("The application has ended.");
        }
    }

    [Fact]
    public async Task Everything_that_listens_is_on_this_machine_alone()
    {
        var listeners = LinuxProcess.Listeners(LinuxProcess.Tree(Environment.ProcessId));

        listeners.Count.ShouldBeGreaterThanOrEqualTo(6, "broker (3), storage, page, launcher");
        listeners.ShouldAllBe(listener => System.Net.IPAddress.IsLoopback(listener.Address));
        (await host.WebUi.GetAsync("/health")).EnsureSuccessStatusCode();
    }

    /// <summary>What the launcher gives its workers, as far as it bears on the pixels: threads decide the order of additions.</summary>
    private static Dictionary<string, string?> EngineEnvironment()
    {
        var scaler = RunningAppHost.Processes("Scaler.dll").ShouldHaveSingleItem();
        var environment = scaler.Environment
            .Where(variable => variable.Key.StartsWith(JobEnvironment, StringComparison.Ordinal))
            .ToDictionary(variable => variable.Key[JobEnvironment.Length..], variable => (string?)variable.Value);
        environment.ShouldContainKey("Worker__Threads");
        return environment.Where(variable => variable.Key is "Worker__Threads" or "OMP_NUM_THREADS" or "OMP_WAIT_POLICY").ToDictionary();
    }
}
