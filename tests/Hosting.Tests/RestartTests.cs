using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace SdAspire.Hosting.Tests;

public sealed class RestartTests : IDisposable
{
    // Leaves a line at each start, and ends when it is told to.
    private const string Server = "echo start >>starts; while [ ! -f crash ]; do sleep 0.05; done; rm crash; exit 7";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_that_was_healthy_and_crashes_is_started_again_after_a_pause_that_grows()
    {
        var builder = CreateServer();
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous);

        var snapshot = await CrashAsync(app);
        snapshot.ExitCode.ShouldBe(7);
        snapshot.StopTimeStamp.ShouldNotBeNull();
        snapshot.HealthStatus.ShouldBeNull();
        snapshot.State!.Style.ShouldBe(KnownResourceStateStyles.Warn);
        await RestartedAsync(app, starts: 2);

        await CrashAsync(app);
        await RestartedAsync(app, starts: 3);
        app.ResourceNotifications.TryGetCurrentState("server", out var now).ShouldBeTrue();
        now.Snapshot.ExitCode.ShouldBeNull();
        (await app.LinesAsync("server")).Where(l => l.Contains("Restarting")).ShouldBe(["-- Restarting in 1 s", "-- Restarting in 2 s"]);

        // After a minute without a crash, all is forgiven.
        _time.Advance(TimeSpan.FromMinutes(1));
        await CrashAsync(app);
        (await app.LinesAsync("server")).Last(l => l.Contains("Restarting")).ShouldBe("-- Restarting in 1 s");
        await app.StopAsync();
    }

    [Fact]
    public async Task A_start_command_ends_the_pause_before_a_restart()
    {
        var builder = CreateServer();
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous);
        await CrashAsync(app);

        await Eventually.TrueAsync(async () =>
        {
            await app.ResourceCommands.ExecuteCommandAsync("server", KnownResourceCommands.StartCommand);
            return Starts() == 2;
        });
        await app.StopAsync();
    }

    [Fact]
    public async Task The_application_stops_though_a_restart_is_due()
    {
        var builder = CreateServer();
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous);
        await CrashAsync(app);

        await app.StopAsync().WaitAsync(Eventually.Generous);

        app.ResourceNotifications.TryGetCurrentState("server", out var now).ShouldBeTrue();
        now.Snapshot.State?.Text.ShouldBe(KnownResourceStates.Exited);
        Starts().ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_never_became_healthy_ends_the_application_with_its_last_words()
    {
        var builder = Applications.Create(_folder);
        builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy("too cold"));
        builder.AddExecutable("server", "sh", _folder.Path, "-c", "echo 'no room' >&2; exit 7").WithHttpEndpoint().WithHealthCheck("never");

        (await builder.RunToFailureAsync()).ShouldBe("Resource 'server' ended with exit code 7: no room");
    }

    [Fact]
    public async Task A_server_that_never_becomes_healthy_but_runs_is_shown_as_such()
    {
        var builder = Applications.Create(_folder);
        builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy("too cold"));
        builder.AddExecutable("server", "sleep", "/", "1000").WithHealthCheck("never");
        await using var app = builder.Build();
        await app.StartAsync();

        var shown = await app.ResourceNotifications.WaitForResourceAsync("server", e => e.Snapshot.HealthReports is [{ Status: not null }])
            .WaitAsync(Eventually.Generous);

        shown.Snapshot.State?.Text.ShouldBe(KnownResourceStates.Running);
        shown.Snapshot.HealthStatus.ShouldBe(HealthStatus.Unhealthy);
        shown.Snapshot.HealthReports[0].ShouldSatisfyAllConditions(
            report => report.Name.ShouldBe("never"),
            report => report.Description.ShouldBe("too cold"),
            report => report.LastRunAt.ShouldNotBeNull());
        await app.StopAsync();
    }

    private IDistributedApplicationBuilder CreateServer()
    {
        var builder = Applications.Create(_folder);
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddHealthChecks().AddCheck("always", () => HealthCheckResult.Healthy());
        builder.AddExecutable("server", "sh", _folder.Path, "-c", Server).WithHttpEndpoint().WithHealthCheck("always");
        return builder;
    }

    private async Task<CustomResourceSnapshot> CrashAsync(DistributedApplication app)
    {
        File.Create(_folder["crash"]).Dispose();
        var crashed = await app.ResourceNotifications.WaitForResourceAsync("server", e => e.Snapshot.State?.Text == "Restarting")
            .WaitAsync(Eventually.Generous);
        return crashed.Snapshot;
    }

    private async Task RestartedAsync(DistributedApplication app, int starts)
    {
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            return Starts() == starts;
        });
        await app.ResourceNotifications.WaitForResourceHealthyAsync("server").WaitAsync(Eventually.Generous);
    }

    private int Starts() => File.ReadAllLines(_folder["starts"]).Length;
}
