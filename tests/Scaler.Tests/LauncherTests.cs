using RabbitMQ.Client.Exceptions;
using SdAspire.Tests.Shared;

namespace SdAspire.Scaler.Tests;

[Collection(nameof(LauncherFixture))]
public class LauncherTests(LauncherFixture fixture)
{
    /// <summary>A worker that never takes its message.</summary>
    private const string Pending = "exec sleep 600";

    /// <summary>A worker that says it has taken one, though the test's message stays: as if the next one waited already.</summary>
    private const string Taken = "touch \"$Worker__ReadinessFile\"; exec sleep 600";

    private const string None = "Starting none";

    [Fact]
    public async Task An_empty_queue_starts_nothing()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending);
        await launcher.SeesTimesAsync($"{None}: 0 messages ready", 3);
        launcher.Workers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_wakes_it_long_before_the_next_poll()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending, ("Scaler__pollingInterval", "3600"));
        await launcher.SeesAsync(None);
        await fixture.PublishAsync();
        await launcher.WorkersAsync(1);
    }

    [Fact]
    public async Task What_waited_before_it_came_is_seen_at_once()
    {
        await using (await LauncherProcess.StartAsync(fixture, Pending))
        {
        }
        await fixture.PublishAsync(2);
        await using var launcher = LauncherProcess.Start(fixture.Broker.ConnectionString, Pending, ("Scaler__pollingInterval", "3600"));
        await launcher.WorkersAsync(2);
    }

    [Fact]
    public async Task A_pending_worker_is_for_the_message_that_still_waits()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending);
        await fixture.PublishAsync();
        await launcher.SeesTimesAsync($"{None}: 1 messages ready, 1 workers running, 1 of them pending", 3);
        launcher.Workers.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Another_is_started_as_soon_as_one_has_taken_its_message()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "while [ ! -e \"$FOLDER/go\" ]; do sleep 0.01; done; " + Taken, ("Scaler__pollingInterval", "3600"));
        await fixture.PublishAsync();
        await launcher.WorkersAsync(1);
        await File.WriteAllTextAsync(Path.Combine(launcher.Folder, "go"), "");
        await launcher.WorkersAsync(2);
    }

    [Theory]
    [InlineData("accurate", Taken)]
    [InlineData("default", Pending)]
    [InlineData("eager", Taken)]
    public async Task Never_more_than_the_maximum(string strategy, string worker)
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, worker, ("Scaler__scalingStrategy__strategy", strategy));
        await fixture.PublishAsync(5);
        await launcher.SeesTimesAsync($"{None}: 2 workers running, all there may be", 3);
        launcher.Workers.Count.ShouldBe(2);
        (await launcher.HealthAsync()).Report.ShouldContain("2 workers are running");
    }

    [Fact]
    public async Task The_minimum_is_there_without_a_message_and_waits_for_one()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "echo wait=$Worker__WaitSeconds; " + Pending, ("Scaler__minReplicaCount", "1"));
        await launcher.SeesAsync(": wait=-1");
        await fixture.PublishAsync();
        await launcher.SeesTimesAsync($"{None}: 1 messages ready, 1 workers running, 1 of them pending", 2);
        launcher.Workers.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_a_wrong_configuration()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending, ("Scaler__Job__Command", "no-such-worker"));
        await fixture.PublishAsync();
        (await launcher.SeesAsync("The configuration is wrong")).ShouldContain("no-such-worker");
    }

    [Fact]
    public async Task The_place_of_one_that_ended_is_filled()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "exit 0", ("Scaler__maxReplicaCount", "1"), ("Scaler__pollingInterval", "3600"));
        await fixture.PublishAsync();
        await launcher.WorkersAsync(3);
    }

    [Fact]
    public async Task Passing_failures_make_it_pause_longer_and_longer()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "exit 1", ("Scaler__Backoff", "00:00:00.100"), ("Scaler__MaxBackoff", "00:00:00.300"), ("Scaler__maxReplicaCount", "1"));
        await fixture.PublishAsync();
        await launcher.SeesTimesAsync("A worker failed", 4);
        launcher.Lines("A worker failed").Take(4).Select(line => line[(line.LastIndexOf("started in ", StringComparison.Ordinal) + 11)..])
            .ShouldBe(new[] { 0.1, 0.2, 0.3, 0.3 }.Select(seconds => $"{TimeSpan.FromSeconds(seconds)} at the earliest"));
    }

    [Fact]
    public async Task A_wrong_configuration_pauses_the_starting_and_is_reported()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, "echo 'unet/config.json: the file is missing' >&2; exit 2");
        (await launcher.HealthAsync()).Healthy.ShouldBeTrue();
        await fixture.PublishAsync();
        await launcher.SeesAsync("The configuration is wrong: unet/config.json: the file is missing");
        await fixture.PublishAsync(3);
        var (healthy, report) = await launcher.HealthAsync();
        healthy.ShouldBeFalse();
        report.ShouldContain("unet/config.json: the file is missing");
        launcher.Workers.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_configuration_that_was_put_right_needs_no_restart()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "[ -e \"$FOLDER/whole\" ] && exit 0; echo 'the model is missing' >&2; exit 2",
            ("Scaler__Backoff", "00:00:00.200"), ("Scaler__MaxBackoff", "00:00:00.200"));
        await fixture.PublishAsync();
        await launcher.SeesTimesAsync("The configuration is wrong", 3);
        (await launcher.HealthAsync()).Healthy.ShouldBeFalse();
        await File.WriteAllTextAsync(Path.Combine(launcher.Folder, "whole"), "");
        await launcher.SeesAsync("ended with exit code 0");
        await Eventually.TrueAsync(async () => (await launcher.HealthAsync()).Healthy);
    }

    [Fact]
    public async Task Beside_it_a_task_without_a_queue_is_returned_and_not_lost()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending, ("Scaler__pollingInterval", "3600"));
        await launcher.SeesAsync(None);
        await fixture.DeleteQueueAsync();
        await Should.ThrowAsync<PublishReturnException>(() => fixture.PublishAsync());
    }

    [Fact]
    public async Task A_queue_that_was_deleted_is_declared_anew()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending);
        await launcher.SeesAsync(None);
        await fixture.DeleteQueueAsync();
        await launcher.SeesTimesAsync("Watching the queue", 2);
        await fixture.PublishAsync();
        await launcher.WorkersAsync(1);
    }

    [Fact]
    public async Task Workers_get_their_own_environment_and_their_lines_a_name()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "env; echo out; echo err >&2; " + Pending,
            ("Scaler__Job__Environment__ConnectionStrings__storage", "Endpoint=http://127.0.0.1:1;AccessKey=a;SecretKey=b"),
            ("Scaler__Job__Environment__OMP_WAIT_POLICY", "PASSIVE"),
            ("Scaler__Job__Environment__OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=old,deployment.environment=test"),
            ("OTEL_SERVICE_NAME", "scaler"));
        await fixture.PublishAsync();
        await launcher.SeesAsync(": err");
        var name = (await launcher.SeesAsync(": out")).Split(':')[0];
        name.ShouldMatch("^worker-[bcdfghjklmnpqrstvwxz2-9]{5}$");
        await launcher.SeesAsync($"{name}: ConnectionStrings__storage=Endpoint=http://127.0.0.1:1;AccessKey=a;SecretKey=b");
        await launcher.SeesAsync($"{name}: OMP_WAIT_POLICY=PASSIVE");
        await launcher.SeesAsync($"{name}: OTEL_SERVICE_NAME=worker");
        await launcher.SeesAsync($"{name}: OTEL_RESOURCE_ATTRIBUTES=deployment.environment=test,service.instance.id={name}");
        await launcher.SeesAsync($"{name}: PATH=");
        launcher.Count(": Scaler__").ShouldBe(0);
        launcher.Count(": ConnectionStrings__messaging").ShouldBe(0);
    }

    [Fact]
    public async Task Killed_it_takes_its_workers_along()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending);
        await fixture.PublishAsync(2);
        await launcher.WorkersAsync(2);
        var workers = launcher.Workers;
        workers.ShouldAllBe(worker => LauncherProcess.IsAlive(worker));
        launcher.KillAlone();
        await Eventually.TrueAsync(() => !workers.Any(LauncherProcess.IsAlive));
    }

    [Fact]
    public async Task The_next_launcher_starts_as_many_for_the_messages_of_one_that_was_killed_and_no_more()
    {
        IReadOnlyList<int> orphans;
        await using (var first = await LauncherProcess.StartAsync(fixture, Pending))
        {
            await fixture.PublishAsync(2);
            await first.WorkersAsync(2);
            orphans = first.Workers;
            first.KillAlone();
            await first.WaitForExitAsync();
        }
        await using var next = LauncherProcess.Start(fixture.Broker.ConnectionString, Pending, ("Scaler__maxReplicaCount", "5"));
        await next.SeesTimesAsync($"{None}: 2 messages ready, 2 workers running, 2 of them pending", 2);
        next.Workers.Count.ShouldBe(2);
        await Eventually.TrueAsync(() => !orphans.Any(LauncherProcess.IsAlive));
    }

    [Fact]
    public async Task A_line_without_an_end_costs_no_memory()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "head -c 100000000 /dev/zero | tr '\\0' x; echo; echo said; " + Pending, ("Scaler__maxReplicaCount", "1"));
        await fixture.PublishAsync();
        await launcher.SeesAsync(": said");
        // Most at any time: the line alone would take twice its length, and as much again while it grows.
        launcher.PeakMemoryBytes.ShouldBeLessThan(300 << 20);
    }

    [Fact]
    public async Task Stopped_it_lets_its_workers_put_back_their_messages()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "trap 'echo put back; exit 0' TERM; echo ready; while true; do sleep 0.01; done");
        await fixture.PublishAsync();
        await launcher.SeesAsync(": ready");
        await launcher.StopAsync();
        (await launcher.WaitForExitAsync()).ShouldBe(0);
        launcher.Count(": put back").ShouldBe(1);
    }

    [Fact]
    public async Task Stopped_it_kills_a_worker_that_does_not_listen()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "trap '' TERM; echo ready; while true; do sleep 0.01; done", ("Scaler__StopTimeout", "00:00:00.500"));
        await fixture.PublishAsync();
        await launcher.SeesAsync(": ready");
        await launcher.StopAsync();
        (await launcher.WaitForExitAsync()).ShouldBe(0);
        launcher.Workers.ShouldAllBe(worker => !LauncherProcess.IsAlive(worker));
    }

    [Fact]
    public async Task It_outlives_the_broker()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending);
        await fixture.Broker.StopAsync();
        await launcher.SeesAsync("cannot be reached");
        (await launcher.HealthAsync()).Healthy.ShouldBeFalse();
        await fixture.Broker.StartAsync();
        await launcher.SeesTimesAsync("Watching the queue", 2);
        await fixture.PublishAsync();
        await launcher.WorkersAsync(1);
        (await launcher.HealthAsync()).Healthy.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Scaler__maxReplicaCount", "0", "maxReplicaCount")]
    [InlineData("Scaler__maxReplicaCount", "many", "MaxReplicaCount")]
    [InlineData("Scaler__minReplicaCount", "3", "minReplicaCount")]
    [InlineData("Scaler__backoffLimit", "1", "backoffLimit is 1, it must be 0: the broker delivers the message of a job that failed again")]
    [InlineData("Scaler__activeDeadlineSeconds", "-1", "activeDeadlineSeconds is -1")]
    [InlineData("Scaler__ttlSecondsAfterFinished", "-1", "ttlSecondsAfterFinished is -1")]
    [InlineData("Scaler__trigger__mode", "MessageRate", "mode is 'MessageRate', it must be QueueLength")]
    [InlineData("Scaler__paused", "perhaps", "Paused")]
    [InlineData("Scaler__pricePerHour", "-1", "pricePerHour")]
    [InlineData("Scaler__scalingStrategy__strategy", "precise", "Strategy")]
    [InlineData("Scaler__Job__Command", "", "Scaler:Job:Command")]
    [InlineData("Scaler__Job__Command", "/no/such/worker", "/no/such/worker")]
    [InlineData("ConnectionStrings__messaging", "here", "ConnectionStrings__messaging")]
    public async Task Refuses_a_wrong_setting_in_one_line(string name, string value, string expected)
    {
        await using var launcher = LauncherProcess.Start(fixture.Broker.ConnectionString, Pending, (name, value));
        (await launcher.WaitForExitAsync()).ShouldBe(2);
        launcher.Lines("").ShouldHaveSingleItem().ShouldContain(expected);
    }
}
