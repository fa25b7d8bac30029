using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

/// <summary>A picture that takes longer than it may, as one of a worker that hangs does.</summary>
[Collection(nameof(House))]
public class WatchdogTests(House house)
{
    // Also where other tests keep the machine busy; the picture takes minutes.
    private const string LongerThanLoading = "5";

    public static TheoryData<string, string> Modes => new()
    {
        { "Worker__MaxTasks", "1" },
        { "Worker__MaxTasks", "0" },
        { "Worker__Mode", "Continuous" },
    };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_takes_too_long_is_a_failed_attempt_and_the_end_of_the_worker(string setting, string value)
    {
        await house.ClearAsync();
        var (slow, next) = (InterruptionTests.Long(), WorkerProcess.Task());
        await house.Publisher.PublishAsync(slow);
        await house.Publisher.PublishAsync(next);

        var (code, output) = await WorkerProcess.RunJobAsync(house, (setting, value), ("Worker__PictureSeconds", LongerThanLoading));

        code.ShouldBe(1, string.Join('\n', output));
        (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(0u);
        (await house.CountAsync()).ShouldBe(2u);
        // The engine is still at it, so the next one was not taken.
        var untouched = await house.TakeAsync(GenerationTopology.Queue);
        (untouched.BasicProperties.MessageId, untouched.Redelivered).ShouldBe((next.Id, false));
        var again = await house.TakeAsync(GenerationTopology.Queue);
        again.BasicProperties.MessageId.ShouldBe(slow.Id);
        MessageHeaders.ReadAttempts(again.BasicProperties).ShouldBe(1);
        FailedAttempt.Read(again.BasicProperties).ShouldHaveSingleItem().Reason.ShouldContain("watchdog");
    }

    [Theory]
    [InlineData("Worker__MaxTasks", "1", 3)]
    [InlineData("Worker__Mode", "Continuous", 1)]
    public async Task What_takes_too_long_for_the_last_time_is_a_dead_letter(string setting, string value, int expected)
    {
        await house.ClearAsync();
        var (slow, next) = (InterruptionTests.Long(), WorkerProcess.Task());
        await house.Publisher.PublishAgainAsync(slow, attempts: 2);
        await house.Publisher.PublishAsync(next);
        await using var news = await EventLog.SubscribeAsync(house, slow.Id);

        var (code, output) = await WorkerProcess.RunJobAsync(house, (setting, value), ("Worker__PictureSeconds", LongerThanLoading));

        code.ShouldBe(expected, string.Join('\n', output));
        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        dead.BasicProperties.MessageId.ShouldBe(slow.Id);
        MessageHeaders.ReadAttempts(dead.BasicProperties).ShouldBe(3);
        InterruptionTests.Text(dead.BasicProperties, MessageHeaders.Reason).ShouldContain("watchdog");
        (await house.RecordAsync(slow.Id)).ShouldNotBeNull().Reason.ShouldNotBeNull().ShouldContain("watchdog");
        await news.UntilAsync(GenerationEventType.Failed);
        (await house.CountAsync()).ShouldBe(1u);
        (await house.TakeAsync(GenerationTopology.Queue)).Redelivered.ShouldBeFalse();
    }
}
