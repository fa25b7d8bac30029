using System.Text;
using SdAspire.Tests.Shared;

namespace SdAspire.Scaler.Tests;

/// <summary>No test here has a poll to rely on: the polling interval is an hour.</summary>
[Collection(nameof(LauncherFixture))]
public class WakeUpTests(LauncherFixture fixture, ObjectStoreFixture storage)
{
    private static readonly (string, string) NoPoll = ("Scaler__pollingInterval", "3600");

    [Fact]
    public async Task A_message_that_shows_after_its_wake_up_is_found()
    {
        const int Messages = 15;
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "exec sleep 600", NoPoll, ("Scaler__maxReplicaCount", $"{Messages}"));
        for (var n = 1; n <= Messages; n++)
        {
            await fixture.PublishAfterWakeUpAsync();
            await launcher.WorkersAsync(n);
        }
        launcher.Workers.Count.ShouldBe(Messages);
    }

    [Fact]
    public async Task Nobody_is_started_for_messages_that_a_waiting_worker_takes()
    {
        const int Messages = 30;
        await using var launcher = await LauncherProcess.StartAsync(fixture, "exec sleep 600", NoPoll);
        var taken = 0;
        await using var waiting = await fixture.TakeAllAsync(() => Interlocked.Increment(ref taken));
        for (var n = 1; n <= Messages; n++)
        {
            var looks = launcher.Count("Starting none");
            await fixture.PublishAsync();
            await Eventually.TrueAsync(() => Volatile.Read(ref taken) == n, "the message is taken");
            await launcher.SeesTimesAsync("Starting none: 0 messages ready", looks + 1);
        }
        launcher.Workers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_burst_is_worked_off_by_as_many_workers_as_there_are_messages()
    {
        // What is no task is taken, and becomes a dead letter before a model is loaded.
        const int Messages = 50;
        await fixture.PurgeAsync();
        await using var launcher = LauncherProcess.Start(
            fixture.Broker.ConnectionString, NoPoll, ("Scaler__maxReplicaCount", "2"),
            ("Scaler__Job__Command", Repository.Program("Worker")),
            ("Scaler__Job__Environment__ConnectionStrings__messaging", fixture.Broker.ConnectionString),
            ("Scaler__Job__Environment__ConnectionStrings__storage", storage.ConnectionString),
            ("Scaler__Job__Environment__Worker__Model", Repository.TinyModel));
        await launcher.SeesAsync("Watching the queue");

        await fixture.PublishAsync(Enumerable.Range(0, Messages).Select(n => Encoding.UTF8.GetBytes($"no task {n}")));

        await launcher.SeesTimesAsync("ended with exit code 3", Messages);
        await launcher.SeesTimesAsync("Starting none: 0 messages ready, 0 workers running", 2);
        launcher.Workers.Count.ShouldBe(Messages);
    }
}
