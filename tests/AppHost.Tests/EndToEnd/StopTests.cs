using SdAspire.AppHost.Tests.Support;

namespace SdAspire.AppHost.Tests.EndToEnd;

public sealed class StopTests
{
    [Fact]
    public async Task When_the_application_is_disposed_of_nothing_of_it_runs()
    {
        var before = LinuxProcess.Tree(System.Environment.ProcessId);
        var host = new RunningAppHost();
        IReadOnlyList<LinuxProcess> started;
        try
        {
            await host.InitializeAsync();
            await host.Paint(new { prompt = "still being painted when it stops", steps = 100 });
            await Eventually.TrueAsync(() => RunningAppHost.Processes("Worker.dll").Count > 0, "a worker starts");
            started = [.. LinuxProcess.Tree(System.Environment.ProcessId).Except(before)];
        }
        finally
        {
            await host.DisposeAsync();
        }

        started.Count.ShouldBeGreaterThanOrEqualTo(8);
        await LinuxProcess.AllEnd(started);
    }
}
