using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Scaler.Tests;

/// <summary>Launcher, broker, storage and workers as they run in the house.</summary>
[Collection(nameof(LauncherFixture))]
public class RealWorkerTests(LauncherFixture fixture, ObjectStoreFixture storage)
{
    private const int Messages = 5;
    private const int Max = 2;

    [Fact]
    public async Task Each_message_gets_one_worker_and_never_more_than_the_maximum_run()
    {
        await fixture.PurgeAsync();
        await using var launcher = LauncherProcess.Start(
            fixture.Broker.ConnectionString,
            ("Scaler__pollingInterval", "3600"), ("Scaler__maxReplicaCount", $"{Max}"),
            ("Scaler__Job__Command", Repository.Program("Worker")),
            ("Scaler__Job__Environment__ConnectionStrings__messaging", fixture.Broker.ConnectionString),
            ("Scaler__Job__Environment__ConnectionStrings__storage", storage.ConnectionString),
            ("Scaler__Job__Environment__Worker__Model", Repository.TinyModel),
            ("Scaler__Job__Environment__Worker__Threads", "1"));
        await launcher.SeesAsync("Watching the queue");

        await fixture.PublishAsync(Enumerable.Range(0, Messages).Select(n => Task(n).ToUtf8Json()));

        await launcher.SeesTimesAsync("ended with exit code 0", Messages);
        // Once at its start, and once more after the last one: nobody is started for nothing.
        await launcher.SeesTimesAsync("Starting none: 0 messages ready, 0 workers running", 2);
        launcher.Workers.Count.ShouldBe(Messages);
        launcher.Count("Painted").ShouldBe(Messages);
        MostAtATime(launcher).ShouldBe(Max);
    }

    private static int MostAtATime(LauncherProcess launcher)
    {
        var (running, most) = (0, 0);
        foreach (var line in launcher.Lines("worker-"))
        {
            running += line.Contains("started (process", StringComparison.Ordinal) ? 1 : line.Contains("ended with", StringComparison.Ordinal) ? -1 : 0;
            most = Math.Max(most, running);
        }
        return most;
    }

    private static GenerationTask Task(int n) => new()
    {
        Id = TaskId.New(TimeProvider.System),
        CreatedAt = TimeProvider.System.GetUtcNow(),
        Model = Path.GetFileName(Repository.TinyModel),
        Prompt = "red heart",
        Seed = n,
        Steps = 2,
        GuidanceScale = 7.5,
        Scheduler = "ddim",
        Width = 64,
        Height = 64,
    };
}
