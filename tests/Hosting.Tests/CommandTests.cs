using Microsoft.Extensions.Logging;

namespace SdAspire.Hosting.Tests;

public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_stopped_by_command_stays_stopped_until_it_is_started()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("server", "sh", _folder.Path, "-c", "echo $$ >>pids; exec sleep 1000").WithHttpEndpoint();
        await using var app = builder.Build();
        await app.StartAsync();
        await StartedAsync(1);

        (await ExecuteAsync(app, "server", KnownResourceCommands.StopCommand)).Success.ShouldBeTrue();
        Snapshot(app, "server").State?.Text.ShouldBe(KnownResourceStates.Exited);
        (await ExecuteAsync(app, "server", KnownResourceCommands.RestartCommand)).ShouldSatisfyAllConditions(
            result => result.Success.ShouldBeFalse(),
            result => result.Message!.ShouldContain("in state Exited"));

        (await ExecuteAsync(app, "server", KnownResourceCommands.StartCommand)).Message.ShouldBe("Successfully started 'server'.");
        await StartedAsync(2);
        (await ExecuteAsync(app, "server", KnownResourceCommands.RestartCommand)).Success.ShouldBeTrue();
        await StartedAsync(3);
        await app.StopAsync();

        async Task StartedAsync(int times)
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous);
            var pids = _folder["pids"];
            await Eventually.TrueAsync(() => File.Exists(pids) && File.ReadAllLines(pids).Distinct().Count() == times);
        }
    }

    [Fact]
    public async Task What_is_started_while_it_still_stops_starts_when_it_has_stopped()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("server", "bash", _folder.Path, "-c",
            "trap 'while [ ! -f go ]; do sleep 0.05; done; exit 0' TERM; echo start >>starts; while :; do sleep 0.05; done").WithHttpEndpoint();
        await using var app = builder.Build();
        await app.StartAsync();
        await Eventually.TrueAsync(() => File.Exists(_folder["starts"]));

        var stop = ExecuteAsync(app, "server", KnownResourceCommands.StopCommand);
        await app.ResourceNotifications.WaitForResourceAsync("server", KnownResourceStates.Stopping).WaitAsync(Eventually.Generous);
        var start = ExecuteAsync(app, "server", KnownResourceCommands.StartCommand);
        File.Create(_folder["go"]).Dispose();

        (await stop).Success.ShouldBeTrue();
        (await start).Success.ShouldBeTrue();
        await Eventually.TrueAsync(() => File.ReadAllLines(_folder["starts"]).Length == 2);
        Snapshot(app, "server").State?.Text.ShouldBe(KnownResourceStates.Running);
        await app.StopAsync();
    }

    [Fact]
    public async Task Commands_follow_the_state()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("server", "sleep", "/", "1000").WithExplicitStart();
        await using var app = builder.Build();
        await app.StartAsync();

        (await StatesAsync(KnownResourceStates.NotStarted)).ShouldBe(["Enabled", "Hidden", "Disabled"]);
        (await ExecuteAsync(app, "server", KnownResourceCommands.StartCommand)).Success.ShouldBeTrue();
        (await StatesAsync(KnownResourceStates.Running)).ShouldBe(["Hidden", "Enabled", "Enabled"]);
        (await ExecuteAsync(app, "server", KnownResourceCommands.StopCommand)).Success.ShouldBeTrue();
        (await StatesAsync(KnownResourceStates.Exited)).ShouldBe(["Enabled", "Hidden", "Disabled"]);
        await app.StopAsync();

        async Task<IEnumerable<string>> StatesAsync(string state)
        {
            var reached = await app.ResourceNotifications.WaitForResourceAsync("server", e => e.Snapshot.State?.Text == state)
                .WaitAsync(Eventually.Generous);
            reached.Snapshot.Commands.Select(c => c.Name).ShouldBe(["resource-start", "resource-stop", "resource-restart"]);
            return reached.Snapshot.Commands.Select(c => c.State.ToString());
        }
    }

    [Fact]
    public async Task Explicit_start_waits_for_what_the_resource_waits_for_unless_it_is_told_twice()
    {
        var builder = Applications.Create(_folder);
        var server = builder.AddExecutable("server", "sleep", "/", "1000").WithExplicitStart();
        builder.AddExecutable("patient", "sleep", "/", "1000").WithExplicitStart().WaitFor(server);
        builder.AddExecutable("hasty", "sleep", "/", "1000").WithExplicitStart().WaitFor(server);
        await using var app = builder.Build();
        await app.StartAsync();

        foreach (var name in new[] { "patient", "hasty" })
        {
            (await ExecuteAsync(app, name, KnownResourceCommands.StartCommand)).Success.ShouldBeTrue();
            Snapshot(app, name).State?.Text.ShouldBe(KnownResourceStates.Waiting);
        }

        await ExecuteAsync(app, "hasty", KnownResourceCommands.StartCommand);
        await app.ResourceNotifications.WaitForResourceAsync("hasty", KnownResourceStates.Running).WaitAsync(Eventually.Generous);
        Snapshot(app, "patient").State?.Text.ShouldBe(KnownResourceStates.Waiting);

        await ExecuteAsync(app, "server", KnownResourceCommands.StartCommand);
        await app.ResourceNotifications.WaitForResourceAsync("patient", KnownResourceStates.Running).WaitAsync(Eventually.Generous);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_start_command_that_fails_says_why_and_leaves_the_others_running()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("broken", "no-such-program", "/").WithExplicitStart();
        builder.AddExecutable("brief", "sh", "/", "-c", "exit 3").WithHttpEndpoint().WithExplicitStart();
        builder.AddExecutable("other", "sleep", "/", "1000");
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("other").WaitAsync(Eventually.Generous);

        (await ExecuteAsync(app, "broken", KnownResourceCommands.StartCommand)).Message
            .ShouldBe("Resource 'broken' failed to start: the program no-such-program was not found");
        Snapshot(app, "broken").State.ShouldBe(new ResourceStateSnapshot(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error));
        await ExecuteAsync(app, "brief", KnownResourceCommands.StartCommand);
        var ended = await app.ResourceNotifications.WaitForResourceAsync("brief", e => e.Snapshot.State?.Text == KnownResourceStates.Finished)
            .WaitAsync(Eventually.Generous);

        ended.Snapshot.ExitCode.ShouldBe(3);
        Snapshot(app, "other").State?.Text.ShouldBe(KnownResourceStates.Running);
        await app.StopAsync();
    }

    [Fact]
    public async Task An_application_adds_commands_of_its_own()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("server", "sleep", "/", "1000")
            .WithCommand("greet", "Greet", context =>
            {
                context.Logger.LogInformation("hello from {Name}", context.ResourceName);
                return Task.FromResult(CommandResults.Success("greeted"));
            })
            .WithCommand("fail", "Fail", _ => throw new InvalidOperationException("as asked"))
            .WithCommand("never", "Never", _ => Task.FromResult(CommandResults.Success()), new CommandOptions
            {
                UpdateState = _ => ResourceCommandState.Disabled,
                Description = "Never to be done",
            });
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous);

        (await ExecuteAsync(app, "server", "greet")).Message.ShouldBe("greeted");
        (await ExecuteAsync(app, "server", "fail")).Message.ShouldBe("as asked");
        (await ExecuteAsync(app, "server", "never")).Success.ShouldBeFalse();
        (await ExecuteAsync(app, "server", "missing")).Message.ShouldBe("Command 'missing' not available for resource 'server'.");
        (await ExecuteAsync(app, "nobody", "greet")).Message.ShouldBe("Resource 'nobody' not found.");
        Snapshot(app, "server").Commands.Single(c => c.Name == "never").DisplayDescription.ShouldBe("Never to be done");
        await app.StopAsync();
    }

    private static Task<ExecuteCommandResult> ExecuteAsync(DistributedApplication app, string resource, string command) =>
        app.ResourceCommands.ExecuteCommandAsync(resource, command).WaitAsync(Eventually.Generous);

    private static CustomResourceSnapshot Snapshot(DistributedApplication app, string resource)
    {
        app.ResourceNotifications.TryGetCurrentState(resource, out var current).ShouldBeTrue();
        return current.Snapshot;
    }
}
