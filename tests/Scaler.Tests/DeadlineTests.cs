using System.Net.Http.Json;
using System.Text.Json;
using SdAspire.Tests.Shared;

namespace SdAspire.Scaler.Tests;

[Collection(nameof(LauncherFixture))]
public class DeadlineTests(LauncherFixture fixture)
{
    private const string Polite = """
        touch "$Worker__ReadinessFile"; trap 'echo put back; exit 0' TERM; while true; do sleep 0.01; done
        """;
    private const string Deaf = """
        touch "$Worker__ReadinessFile"; trap '' TERM; while true; do sleep 0.01; done
        """;
    private const string Stopped = """
        touch "$Worker__ReadinessFile"; trap 'exit 0' TERM; kill -STOP $$; while true; do sleep 0.01; done
        """;

    [Theory]
    [InlineData(Polite, 0)]
    [InlineData(Deaf, 137)]
    [InlineData(Stopped, 137)]
    public async Task A_job_that_takes_too_long_is_ended_and_has_failed(string worker, int exitCode)
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, worker, ("Scaler__activeDeadlineSeconds", "1"), ("Scaler__StopTimeout", "00:00:00.500"),
            ("Scaler__maxReplicaCount", "1"));
        await fixture.PublishAsync();
        await launcher.WorkersAsync(1);
        await fixture.PurgeAsync();
        await launcher.SeesAsync($"ended with exit code {exitCode} (DeadlineExceeded)");
        launcher.Count(": put back").ShouldBe(worker == Polite ? 1 : 0);

        using var http = await launcher.ClientAsync();
        var job = (await http.GetFromJsonAsync<JsonElement>("/jobs")).EnumerateArray().First();
        job.GetProperty("state").GetString().ShouldBe("failed");
        job.GetProperty("reason").GetString().ShouldBe("DeadlineExceeded");
        LauncherProcess.IsAlive(launcher.Workers[0]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_worker_that_may_wait_for_its_message_has_no_deadline()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "trap 'exit 0' TERM; for i in 1 2 3; do sleep 1; echo second; done; exit 3",
            ("Scaler__activeDeadlineSeconds", "1"), ("Scaler__minReplicaCount", "1"), ("Scaler__maxReplicaCount", "1"));
        await launcher.SeesAsync("ended with exit code 3 (DeadLettered)");
        launcher.Count("DeadlineExceeded").ShouldBe(0);
    }
}
