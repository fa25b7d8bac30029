using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace SdAspire.Hosting.Tests;

public sealed class WaitingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WaitForWaitsForHealthAndWaitForStartDoesNot()
    {
        var healthy = false;
        var builder = Applications.Create(_folder);
        builder.Services.AddHealthChecks().AddCheck(
            "switch", () => Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        var server = builder.AddExecutable("server", "sleep", "/", "1000").WithHealthCheck("switch");
        builder.AddExecutable("patient", "sleep", "/", "1000").WaitFor(server);
        builder.AddExecutable("quick", "sleep", "/", "1000").WaitForStart(server);
        await using var app = builder.Build();
        await app.StartAsync();

        await app.ResourceNotifications.WaitForResourceAsync("quick", KnownResourceStates.Running).WaitAsync(Eventually.Generous);
        await app.ResourceNotifications.WaitForResourceAsync("server", e => e.Snapshot.HealthStatus == HealthStatus.Unhealthy)
            .WaitAsync(Eventually.Generous);
        (await app.ResourceNotifications.WaitForResourceAsync("patient", _ => true)).Snapshot.State?.Text
            .ShouldBe(KnownResourceStates.Waiting);

        Volatile.Write(ref healthy, true);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("patient").WaitAsync(Eventually.Generous);
        await app.StopAsync();
    }

    [Fact]
    public async Task ExplicitStartIsLeftToOthers()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("template", "touch", _folder.Path, "started").WithExplicitStart();
        builder.AddProbe("probe", _folder);
        await using var app = builder.Build();
        await app.StartAsync();

        await app.ResourceNotifications.WaitForResourceAsync("template", KnownResourceStates.NotStarted).WaitAsync(Eventually.Generous);
        await Eventually.TrueAsync(() => File.Exists(_folder["probe.env"]));
        await app.StopAsync();
        File.Exists(_folder["started"]).ShouldBeFalse();
    }

    [Fact]
    public async Task WhoWaitsForWhatHasEndedFailsAndNamesIt()
    {
        var builder = Applications.Create(_folder);
        var job = builder.AddExecutable("job", "true", "/");
        builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
        job.WithHealthCheck("never");
        builder.AddExecutable("patient", "sleep", "/", "1000").WaitFor(job);

        (await builder.RunToFailureAsync()).ShouldBe(
            "Resource 'patient' failed to start: it waits for 'job', which is in state Finished with exit code 0.");
    }

    [Fact]
    public async Task Waiting_for_completion_asks_for_the_exit_code()
    {
        var builder = Applications.Create(_folder);
        var job = builder.AddExecutable("job", "sh", _folder.Path, "-c", "touch done; exit 3");
        builder.AddExecutable("next", "sh", _folder.Path, "-c", "[ -f done ] && touch in-order; exec sleep 1000").WaitForCompletion(job, exitCode: 3);
        await using (var app = builder.Build())
        {
            await app.StartAsync();
            await Eventually.TrueAsync(() => File.Exists(_folder["in-order"]));
            await app.StopAsync();
        }

        builder = Applications.Create(_folder);
        job = builder.AddExecutable("job", "sh", _folder.Path, "-c", "exit 4");
        builder.AddExecutable("next", "sleep", "/", "1000").WaitForCompletion(job, exitCode: 3);
        (await builder.RunToFailureAsync()).ShouldBe(
            "Resource 'next' failed to start: it waits for 'job' to complete, which is in state Finished with exit code 4.");
    }

    [Fact]
    public async Task Whoever_would_rather_wait_than_fail_starts_when_the_other_one_is_started_again()
    {
        var builder = Applications.Create(_folder);
        var server = builder.AddExecutable("server", "sleep", "/", "1000");
        var gate = builder.AddExecutable("gate", "sh", _folder.Path, "-c", "while [ ! -f open ]; do sleep 0.05; done; exec sleep 1000");
        builder.Services.AddHealthChecks().AddCheck(
            "open", () => File.Exists(_folder["open"]) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        gate.WithHealthCheck("open");
        builder.AddExecutable("patient", "sleep", "/", "1000").WaitFor(gate).WaitFor(server, WaitBehavior.WaitOnResourceUnavailable);
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous);
        await app.ResourceCommands.ExecuteCommandAsync("server", KnownResourceCommands.StopCommand).WaitAsync(Eventually.Generous);

        File.Create(_folder["open"]).Dispose();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gate").WaitAsync(Eventually.Generous);
        app.ResourceNotifications.TryGetCurrentState("patient", out var waiting).ShouldBeTrue();
        waiting.Snapshot.State?.Text.ShouldBe(KnownResourceStates.Waiting);

        await app.ResourceCommands.ExecuteCommandAsync("server", KnownResourceCommands.StartCommand).WaitAsync(Eventually.Generous);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("patient").WaitAsync(Eventually.Generous);
        await app.StopAsync();
    }

    [Fact]
    public async Task Whoever_waits_when_another_one_fails_has_not_failed()
    {
        var builder = Applications.Create(_folder);
        var never = builder.AddExecutable("never", "true", "/").WithExplicitStart();
        var patient = builder.AddExecutable("patient", "sleep", "/", "1000").WaitFor(never);
        builder.AddExecutable("broken", "sh", _folder.Path, "-c", "while [ ! -f crash ]; do sleep 0.05; done; exit 3");
        await using var app = builder.Build();
        using var late = new CancellationTokenSource(Eventually.Generous);
        var run = app.RunAsync(late.Token);
        await app.ResourceNotifications.WaitForResourceAsync("patient", "Waiting").WaitAsync(Eventually.Generous);

        File.Create(_folder["crash"]).Dispose();

        (await Should.ThrowAsync<DistributedApplicationException>(() => run)).Message.ShouldContain("'broken' ended with exit code 3");
        app.ResourceNotifications.TryGetCurrentState("patient", out var ended).ShouldBeTrue();
        ended.Snapshot.State?.Text.ShouldBe(KnownResourceStates.Exited);
        (await app.LinesAsync("patient")).ShouldNotContain(l => l.Contains("FailedToStart"));
    }

    [Fact]
    public async Task Whoever_stays_unhealthy_is_asked_less_often_until_something_changes()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var healthy = false;
        List<DateTimeOffset> asked = [];
        var builder = Applications.Create(_folder);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddHealthChecks().AddCheck("switch", () =>
        {
            lock (asked) asked.Add(time.GetUtcNow());
            return Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy();
        });
        builder.AddExecutable("server", "sleep", "/", "1000").WithHealthCheck("switch");
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceAsync("server", e => e.Snapshot.HealthReports is [{ Status: not null }])
            .WaitAsync(Eventually.Generous);

        time.Advance(TimeSpan.FromSeconds(10));
        await AskedAsync(7);
        Pauses(5).ShouldSatisfyAllConditions(
            pauses => pauses.ShouldAllBe(p => p >= TimeSpan.FromSeconds(1)),
            pauses => pauses[^1].ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5)));

        Volatile.Write(ref healthy, true);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            return app.ResourceNotifications.TryGetCurrentState("server", out var now)
                && now.Snapshot.HealthStatus == HealthStatus.Healthy;
        });
        Volatile.Write(ref healthy, false);
        await AskedAsync(4);
        Pauses(3).ShouldContain(p => p < TimeSpan.FromSeconds(1));
        await app.StopAsync();

        async Task AskedAsync(int times)
        {
            var before = Count();
            await Eventually.TrueAsync(() =>
            {
                time.Advance(TimeSpan.FromMilliseconds(200));
                return Count() >= before + times;
            });
        }

        int Count()
        {
            lock (asked) return asked.Count;
        }

        List<TimeSpan> Pauses(int last)
        {
            lock (asked) return [.. asked.Zip(asked.Skip(1), (a, b) => b - a).TakeLast(last)];
        }
    }

    [Fact]
    public async Task A_health_check_that_cannot_be_asked_is_told_in_the_log()
    {
        var builder = Applications.Create(_folder);
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            "broken", _ => throw new InvalidOperationException("no such service"), HealthStatus.Unhealthy, []));
        builder.AddExecutable("server", "sleep", "/", "1000").WithHealthCheck("broken");
        await using var app = builder.Build();
        await app.StartAsync();

        await Eventually.TrueAsync(async () => (await app.LinesAsync("server")).Any(l => l.Contains("no such service")));
        await app.StopAsync();
    }

    [Fact]
    public async Task CircleIsNamed()
    {
        var builder = Applications.Create(_folder);
        var a = builder.AddExecutable("a", "touch", _folder.Path, "started");
        var b = builder.AddExecutable("b", "touch", _folder.Path, "started").WaitFor(a);
        var c = builder.AddExecutable("c", "touch", _folder.Path, "started").WaitForStart(b);
        a.WaitFor(c);

        (await builder.RunToFailureAsync()).ShouldStartWith("Resources wait for each other and none can start: 'a' -> 'c' -> 'b' -> 'a'.");
        File.Exists(_folder["started"]).ShouldBeFalse();
        Should.Throw<DistributedApplicationException>(() => a.WaitFor(a)).Message.ShouldBe("The 'a' resource cannot wait for itself.");
    }
}
