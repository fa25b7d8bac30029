using System.Diagnostics;

namespace SdAspire.Hosting.Tests;

public sealed class ShutdownTests : IDisposable
{
    private static readonly string[] Names = ["first", "second", "stubborn"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task SignalStopsDependentsBeforeWhatTheyWaitedFor(string signal)
    {
        await using var host = StartHost();
        var children = await ChildrenAsync(host);

        await SignalAsync(host.Id, signal);

        (await host.WaitForExitAsync(Eventually.Generous)).ShouldBe(0);
        File.ReadAllLines(_folder["stopped"]).ShouldBe(["second", "first"]);
        children.ShouldAllBe(id => !IsAlive(id));
        host.Output.ShouldContain("[second] a line");
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_while_resources_still_wait_is_no_failure(string signal)
    {
        await using var host = StartHost("--waiting", "true");
        await host.WaitForLineAsync(l => l.Contains("[patient] -- Waiting for never"), Eventually.Generous);
        var children = await ChildrenAsync(host);

        await SignalAsync(host.Id, signal);

        (await host.WaitForExitAsync(Eventually.Generous)).ShouldBe(0, string.Join('\n', host.Output));
        host.Output.ShouldContain("[patient] -- Exited");
        host.Output.ShouldNotContain(l => l.Contains("FailedToStart"));
        children.ShouldAllBe(id => !IsAlive(id));
    }

    [Fact]
    public async Task NothingOutlivesAHostThatIsKilled()
    {
        await using var host = StartHost();
        var children = await ChildrenAsync(host);

        await SignalAsync(host.Id, "KILL");

        await Eventually.TrueAsync(() => !children.Any(IsAlive));
        // Those that listen ended in good order, and the one that does not was killed.
        File.ReadAllLines(_folder["stopped"]).ShouldBe(["first", "second"], ignoreOrder: true);
    }

    [Fact]
    public async Task WhatAProgramLeavesBehindInItsGroupGoesWithIt()
    {
        var builder = Applications.Create(_folder);
        builder.AddExecutable("careless", "sh", _folder.Path, "-c", "sleep 1000 & echo $! >left.new; mv left.new left.pid; exit 0");
        await using var app = builder.Build();
        await app.StartAsync();
        await app.ResourceNotifications.WaitForResourceAsync("careless", KnownResourceStates.Finished).WaitAsync(Eventually.Generous);

        var left = int.Parse(File.ReadAllText(_folder["left.pid"]));
        await Eventually.TrueAsync(() => !IsAlive(left));
        await app.StopAsync();
    }

    private ChildProcess StartHost(params string[] arguments) =>
        ChildProcess.Start("dotnet", [Repository.Program("SampleAppHost"), "--folder", _folder.Path, .. arguments]);

    private async Task<List<int>> ChildrenAsync(ChildProcess host)
    {
        var files = Names.Select(name => _folder[$"{name}.pid"]).ToList();
        await Eventually.TrueAsync(
            () => host.HasExited || files.All(f => File.Exists(f) && File.ReadAllText(f).EndsWith('\n')),
            explain: () => string.Join('\n', host.Output));
        var children = files.Select(f => int.Parse(File.ReadAllText(f))).ToList();
        children.ShouldAllBe(id => IsAlive(id));
        return children;
    }

    private static async Task SignalAsync(int id, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", id.ToString()]);
        await kill.WaitForExitAsync();
    }

    private static bool IsAlive(int id)
    {
        try
        {
            // The state follows the program's name, which may hold anything.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')')..].Split(' ')[1] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }
}
