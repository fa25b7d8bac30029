namespace SdAspire.Scaler.Tests;

[Collection(nameof(LauncherFixture))]
public class PauseTests(LauncherFixture fixture)
{
    /// <summary>A worker that never takes its message, so that the next one has a place and a reason.</summary>
    private const string Pending = "exec sleep 600";

    [Fact]
    public async Task Paused_it_starts_nothing_whatever_waits()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, Pending, ("Scaler__paused", "true"), ("Scaler__minReplicaCount", "1"));
        await fixture.PublishAsync(3);
        await launcher.SeesTimesAsync("Starting none: paused, 3 messages ready", 3);
        launcher.Workers.ShouldBeEmpty();
        (await launcher.HealthAsync()).Healthy.ShouldBeTrue();
    }

    [Fact]
    public async Task The_switch_in_the_settings_file_works_while_it_runs_and_what_runs_goes_on()
    {
        await using var launcher = await LauncherProcess.StartAsync(fixture, Pending, ("Scaler__pollingInterval", "3600"));
        await fixture.PublishAsync();
        await launcher.WorkersAsync(1);

        await SwitchAsync("true");
        await launcher.SeesAsync("Paused: nothing new is started");
        await fixture.PublishAsync();
        await launcher.SeesTimesAsync("Starting none: paused, 2 messages ready", 1);
        launcher.Workers.ShouldHaveSingleItem();
        LauncherProcess.IsAlive(launcher.Workers[0]).ShouldBeTrue();

        await SwitchAsync("false");
        await launcher.WorkersAsync(2);
        LauncherProcess.IsAlive(launcher.Workers[0]).ShouldBeTrue();

        async Task SwitchAsync(string value)
        {
            // In one step, as an editor does it: half a file would be no settings.
            var file = Path.Combine(launcher.Folder, "appsettings.json");
            await File.WriteAllTextAsync(file + ".new", $$"""{ "Scaler": { "paused": {{value}} } }""");
            File.Move(file + ".new", file, overwrite: true);
        }
    }
}
