using Microsoft.Extensions.Options;
using SdAspire.Keda.Settings;
using SdAspire.Scaler.Launching;
using SdAspire.Tests.Shared;

namespace SdAspire.Scaler.Tests;

/// <summary>Who gets which GPU is a matter of the environment alone.</summary>
[Collection(nameof(LauncherFixture))]
public class GpuTests(LauncherFixture fixture)
{
    private const string Taken = "touch \"$Worker__ReadinessFile\"; echo gpu=$CUDA_VISIBLE_DEVICES; exec sleep 600";

    [Fact]
    public async Task Exclusive_gives_each_worker_a_GPU_of_its_own_and_starts_no_more_than_there_are()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, Taken, ("Scaler__Gpu__Mode", "exclusive"), ("Scaler__Gpu__Devices__0", "0"),
            ("Scaler__Gpu__Devices__1", "GPU-5a"), ("Scaler__maxReplicaCount", "10"));
        await fixture.PublishAsync(5);
        await launcher.SeesTimesAsync("Starting none: 2 workers running, all there may be", 2);
        Given(launcher).ShouldBe(["0", "GPU-5a"], ignoreOrder: true);
    }

    [Fact]
    public async Task Shared_gives_a_GPU_to_as_many_as_may_have_it()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, Taken, ("Scaler__Gpu__Mode", "shared"), ("Scaler__Gpu__Replicas", "2"), ("CUDA_VISIBLE_DEVICES", "3,5"),
            ("Scaler__maxReplicaCount", "10"));
        await fixture.PublishAsync(9);
        await launcher.SeesTimesAsync("Starting none: 4 workers running, all there may be", 2);
        await launcher.SeesTimesAsync(": gpu=", 4);
        Given(launcher).ShouldBe(["3", "3", "5", "5"], ignoreOrder: true);
    }

    [Fact]
    public async Task The_GPU_of_a_worker_that_ended_is_the_next_ones()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "echo gpu=$CUDA_VISIBLE_DEVICES; exit 0", ("Scaler__Gpu__Mode", "exclusive"), ("CUDA_VISIBLE_DEVICES", "6"),
            ("Scaler__maxReplicaCount", "10"));
        await fixture.PublishAsync();
        await launcher.SeesTimesAsync(": gpu=6", 3);
        Given(launcher).ShouldAllBe(gpu => gpu == "6");
    }

    [Theory]
    [InlineData("there is no GPU", "exclusive", "Scaler__Gpu__Count", "1")]
    [InlineData("Replicas is 0", "shared", "Scaler__Gpu__Replicas", "0")]
    [InlineData("Count is 2, but there are 1 GPUs", "exclusive", "Scaler__Gpu__Count", "2", "7")]
    [InlineData("Devices has one twice", "exclusive", "Scaler__Gpu__Devices__1", "0", "7", "0")]
    [InlineData("minReplicaCount 2 is above maxReplicaCount 1", "exclusive", "Scaler__minReplicaCount", "2", "7")]
    public async Task What_cannot_be_is_refused(
        string expected, string mode, string name, string value, string visible = "", string? first = null)
    {
        (string, string)[] settings = [("Scaler__Gpu__Mode", mode), ("CUDA_VISIBLE_DEVICES", visible), (name, value)];
        await using var launcher = LauncherProcess.Start(
            fixture.Broker.ConnectionString, "exit 0", first is null ? settings : [.. settings, ("Scaler__Gpu__Devices__0", first)]);
        (await launcher.WaitForExitAsync()).ShouldBe(2);
        launcher.Lines("").ShouldHaveSingleItem().ShouldContain(expected);
    }

    [Theory]
    [InlineData("0,1,-1,2", 2)]
    [InlineData("-1", 0)]
    [InlineData("", 0)]
    [InlineData(null, 3)]
    public void The_GPUs_are_those_that_CUDA_would_show(string? visible, int count)
    {
        using var folder = new TemporaryFolder();
        foreach (var bus in new[] { "0000:01:00.0", "0000:02:00.0", "0000:03:00.0" })
            Directory.CreateDirectory(Path.Combine(folder.Path, bus));
        var options = new GpuOptions { Mode = GpuMode.Exclusive };
        options.Detect(visible, folder.Path);
        options.Devices.ShouldBe(Enumerable.Range(0, count).Select(n => $"{n}"));
    }

    [Fact]
    public void Several_whole_GPUs_may_be_one_workers()
    {
        var slots = new GpuSlots(Options.Create(new ScalerOptions
        {
            Gpu = new() { Mode = GpuMode.Exclusive, Count = 2, Devices = ["0", "1", "2", "3", "4"] },
        }));
        slots.TryTake(out var first).ShouldBeTrue();
        slots.TryTake(out var second).ShouldBeTrue();
        slots.TryTake(out _).ShouldBeFalse();
        (first, second).ShouldBe(("0,1", "2,3"));
        slots.Return(first);
        slots.TryTake(out var third).ShouldBeTrue();
        third.ShouldBe("0,1");
    }

    private static IEnumerable<string> Given(LauncherProcess launcher) =>
        launcher.Lines(": gpu=").Select(line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
}
