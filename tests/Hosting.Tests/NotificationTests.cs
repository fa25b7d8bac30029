using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SdAspire.Hosting.Tests;

public sealed class NotificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Instances_that_are_no_part_of_the_application_come_and_go()
    {
        var builder = Applications.Create(_folder);
        await using var app = builder.Build();
        await app.StartAsync();
        var worker = new WorkerResource("worker");
        var notifications = app.ResourceNotifications;

        foreach (var id in new[] { "worker-1", "worker-2" })
            await notifications.PublishUpdateAsync(worker, id, s => s with
            {
                ResourceType = "Job",
                State = KnownResourceStates.Running,
                Relationships = [new("scaler", "Parent")],
            });

        notifications.TryGetCurrentState("worker-1", out var first).ShouldBeTrue();
        first.Snapshot.ShouldSatisfyAllConditions(
            s => s.ResourceType.ShouldBe("Job"),
            s => s.HealthStatus.ShouldBe(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy),
            s => s.Relationships.ShouldBe([new RelationshipSnapshot("scaler", "Parent")]));
        // A name stands for an instance only while there is one.
        notifications.TryGetCurrentState("worker", out _).ShouldBeFalse();
        await notifications.PublishUpdateAsync(worker, "worker-1", s => s with { IsHidden = true });
        notifications.TryGetCurrentState("worker-1", out _).ShouldBeFalse();
        notifications.TryGetCurrentState("worker", out var left).ShouldBeTrue();
        left.ResourceId.ShouldBe("worker-2");
        await app.StopAsync();
    }

    [Fact]
    public async Task A_running_process_is_described()
    {
        var builder = Applications.Create(_folder);
        builder.AddParameter("secret-one", "a secret", secret: true);
        var other = builder.AddExecutable("other", "sleep", "/", "1000");
        builder.AddExecutable("server", "sleep", _folder.Path, "1000").WithHttpEndpoint().WithEnvironment("COLOUR", "red").WaitForStart(other);
        await using var app = builder.Build();
        await app.StartAsync();

        var server = (await app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous)).Snapshot;

        server.ResourceType.ShouldBe("Executable");
        server.StartTimeStamp.ShouldNotBeNull();
        server.Urls.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            url => url.Name.ShouldBe("http"),
            url => url.Url.ShouldStartWith("http://localhost:"),
            url => url.IsInactive.ShouldBeFalse());
        server.EnvironmentVariables.ShouldContain(new EnvironmentVariableSnapshot("COLOUR", "red", IsFromSpec: true));
        server.Relationships.ShouldContain(new RelationshipSnapshot("other", "WaitFor"));
        Property(server, "executable.workDir").Value.ShouldBe(_folder.Path);
        Property(server, "executable.args").IsSensitive.ShouldBeTrue();
        Directory.Exists($"/proc/{Property(server, "executable.pid").Value}").ShouldBeTrue();
        app.ResourceNotifications.TryGetCurrentState("secret-one", out var parameter).ShouldBeTrue();
        Property(parameter.Snapshot, "Value").ShouldBe(new ResourcePropertySnapshot("Value", "a secret") { IsSensitive = true });

        await app.StopAsync();
        app.ResourceNotifications.TryGetCurrentState("server", out var ended).ShouldBeTrue();
        ended.Snapshot.Urls.ShouldAllBe(url => url.IsInactive);
        ended.Snapshot.Properties.ShouldNotContain(p => p.Name == "executable.pid");
    }

    [Fact]
    public async Task A_log_has_what_the_process_and_the_application_say_for_whoever_comes_late_too()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("server", "sh", _folder.Path, "-c", "echo out; echo err >&2; while [ ! -f go ]; do sleep 0.05; done; echo later; exec sleep 1000");
        await using var app = builder.Build();
        await app.StartAsync();
        var loggers = app.Services.GetRequiredService<ResourceLoggerService>();
        var seen = new List<LogLine>();
        var watching = WatchAsync();

        await Eventually.TrueAsync(() => Has("out") && Has("err"));
        loggers.GetLogger("server").LogWarning("a word about {Server}", "it");
        File.Create(_folder["go"]).Dispose();
        await Eventually.TrueAsync(() => Has("later") && Has("a word about it"));
        loggers.Complete("server");
        await watching.WaitAsync(Eventually.Generous);

        seen.Select(l => l.LineNumber).ShouldBe(Enumerable.Range(1, seen.Count));
        seen.Single(l => l.Content == "err").IsErrorMessage.ShouldBeTrue();
        seen.Single(l => l.Content == "out").IsErrorMessage.ShouldBeFalse();
        seen.Select(l => l.Content).ShouldContain("-- Running");
        await app.StopAsync();

        bool Has(string content)
        {
            lock (seen) return seen.Any(l => l.Content == content);
        }

        async Task WatchAsync()
        {
            await foreach (var lines in loggers.WatchAsync("server"))
                lock (seen) seen.AddRange(lines);
        }
    }

    [Fact]
    public async Task A_log_keeps_the_last_ten_thousand_lines()
    {
        using var loggers = new ResourceLoggerService();
        var logger = loggers.GetLogger("noisy");
        for (var i = 1; i <= 10_500; i++) logger.LogInformation("line {Number}", i);

        var kept = new List<LogLine>();
        await foreach (var lines in loggers.GetAllAsync("noisy")) kept.AddRange(lines);

        kept.Count.ShouldBe(10_000);
        kept[0].ShouldBe(new LogLine(501, "line 501", IsErrorMessage: false));
        kept[^1].ShouldBe(new LogLine(10_500, "line 10500", IsErrorMessage: false));
    }

    [Fact]
    public async Task A_line_that_does_not_end_is_kept_in_pieces_and_nothing_of_it_is_lost()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("endless", "bash", _folder.Path, "-c",
            @"printf 'a\rb\r\n\n'; head -c 200001 /dev/zero | tr '\0' x; printf '\nlast'");
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceAsync("endless", KnownResourceStates.Finished).WaitAsync(Eventually.Generous);

        var lines = (await app.LinesAsync("endless")).Where(l => !l.StartsWith("-- ", StringComparison.Ordinal)).ToList();
        lines[..3].ShouldBe(["a", "b", ""]);
        lines[^1].ShouldBe("last");
        lines[3..^1].ShouldAllBe(l => l.Length <= 64 << 10);
        string.Concat(lines[3..^1]).ShouldBe(new string('x', 200_001));
        await app.StopAsync();
    }

    [Fact]
    public async Task Whoever_waits_for_a_log_gets_it_though_others_have_given_up()
    {
        using var loggers = new ResourceLoggerService();
        await using var patient = loggers.WatchAsync("late").GetAsyncEnumerator();
        var first = patient.MoveNextAsync();
        using (var impatient = new CancellationTokenSource())
        {
            await using var other = loggers.WatchAsync("late").GetAsyncEnumerator(impatient.Token);
            var never = other.MoveNextAsync();
            await impatient.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(async () => await never);
        }

        loggers.GetLogger("late").LogInformation("here");

        (await first).ShouldBeTrue();
        patient.Current.ShouldBe([new LogLine(1, "here", IsErrorMessage: false)]);
    }

    [Fact]
    public async Task Events_come_in_their_order_and_readiness_waits_for_those_who_hear_of_it()
    {
        var builder = Applications.Create(_folder);
        var events = ImmutableList<string>.Empty;
        var release = new TaskCompletionSource();
        builder.Eventing.Subscribe<BeforeStartEvent>((@event, _) =>
        {
            Note("before start");
            @event.Model.Resources.Add(new ExecutableResource("late", "true", "/"));
            return Task.CompletedTask;
        });
        builder.Eventing.Subscribe<AfterResourcesCreatedEvent>((@event, _) =>
        {
            Note($"created {@event.Model.Resources.Count}");
            return Task.CompletedTask;
        });
        var server = builder.AddExecutable("server", "sleep", "/", "1000");
        builder.AddExecutable("patient", "sleep", "/", "1000").WaitFor(server);
        builder.Eventing.Subscribe<BeforeResourceStartedEvent>(server.Resource, (_, _) =>
        {
            Note("before server");
            return Task.CompletedTask;
        });
        var subscription = builder.Eventing.Subscribe<BeforeStartEvent>((_, _) => throw new InvalidOperationException("not subscribed any more"));
        builder.Eventing.Unsubscribe(subscription);
        builder.Eventing.Subscribe<ResourceReadyEvent>(server.Resource, (_, _) => release.Task);
        builder.Resources.OfType<ExecutableResource>().Count().ShouldBe(2);
        await using var app = builder.Build();
        await app.StartAsync();

        await app.ResourceNotifications.WaitForResourceAsync("server", KnownResourceStates.Running).WaitAsync(Eventually.Generous);
        app.ResourceNotifications.TryGetCurrentState("patient", out var waiting).ShouldBeTrue();
        waiting.Snapshot.State?.Text.ShouldBe(KnownResourceStates.Waiting);
        release.SetResult();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("patient").WaitAsync(Eventually.Generous);

        events[0].ShouldBe("before start");
        events.ShouldContain("created 3");
        events.ShouldContain("before server");
        await app.StopAsync();

        void Note(string what) => ImmutableInterlocked.Update(ref events, list => list.Add(what));
    }

    private static ResourcePropertySnapshot Property(CustomResourceSnapshot snapshot, string name) =>
        snapshot.Properties.Single(p => p.Name == name);

    private sealed class WorkerResource(string name) : Resource(name);
}
