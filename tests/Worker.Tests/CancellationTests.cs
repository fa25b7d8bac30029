using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

/// <summary>A task is cancelled by its record, which the page writes.</summary>
[Collection(nameof(House))]
public class CancellationTests(House house)
{
    [Fact]
    public async Task A_queued_task_that_was_cancelled_is_acknowledged_and_not_painted()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task(count: 2);
        // Of an attempt before, which was lost.
        await house.Store.PutAsync(ObjectKeys.Image(task.Id, 1), "png"u8.ToArray(), "image/png");
        await CancelAsync(task);
        await house.Publisher.PublishAsync(task);

        var (code, output) = await WorkerProcess.RunJobAsync(house);

        code.ShouldBe(0, string.Join('\n', output));
        output.ShouldNotContain(line => line.Contains("Painting", StringComparison.Ordinal));
        await IsGoneAsync(task);
    }

    [Fact]
    public async Task A_running_task_that_is_cancelled_ends_without_its_pictures()
    {
        await house.ClearAsync();
        // Small pictures soon stored, and many: nobody waits for the last.
        var task = WorkerProcess.Task(count: 16, steps: 150, side: 64);
        await house.Publisher.PublishAsync(task);
        await using var worker = WorkerProcess.StartJob(house);
        await Eventually.TrueAsync(() => house.Store.ExistsAsync(ObjectKeys.Image(task.Id, 0)));

        (await CancelAsync(task)).ShouldBeTrue();

        (await worker.WaitForExitAsync(Eventually.Generous)).ShouldBe(0, string.Join('\n', worker.Output));
        worker.Output.ShouldContain(line => line.Contains($"{task.Id} was cancelled", StringComparison.Ordinal));
        worker.Output.ShouldNotContain(line => line.Contains("Painted", StringComparison.Ordinal));
        await IsGoneAsync(task);
    }

    [Theory]
    [InlineData("Worker__MaxTasks", "2")]
    [InlineData("Worker__Mode", "Continuous")]
    public async Task After_a_cancelled_task_it_goes_on_with_the_next(string setting, string value)
    {
        await house.ClearAsync();
        var (cancelled, next) = (InterruptionTests.Long(), WorkerProcess.Task());
        await house.Publisher.PublishAsync(cancelled);
        await house.Publisher.PublishAsync(next);
        await using var news = await EventLog.SubscribeAsync(house, cancelled.Id);
        await using var worker = WorkerProcess.StartJob(house, (setting, value));
        await news.UntilAsync(GenerationEventType.Step);

        (await CancelAsync(cancelled)).ShouldBeTrue();

        await worker.WaitForLineAsync(line => line.Contains($"Painted {next.Id}", StringComparison.Ordinal), Eventually.Generous);
        await worker.StopAsync();
        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        news.Seen.ShouldAllBe(e => e.Type == GenerationEventType.Started || e.Type == GenerationEventType.Step);
        (await house.RecordAsync(next.Id)).ShouldNotBeNull().Attempts.ShouldBe(1);
        await IsGoneAsync(cancelled);
    }

    [Fact]
    public async Task What_a_faster_twin_has_painted_is_left_to_it()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task(count: 16, steps: 150, side: 64);
        await house.Publisher.PublishAsync(task);
        await using var worker = WorkerProcess.StartJob(house);
        await Eventually.TrueAsync(() => house.Store.ExistsAsync(ObjectKeys.Image(task.Id, 0)));

        (await PutAsync(task, GenerationOutcome.Done)).ShouldBeTrue();

        (await worker.WaitForExitAsync(Eventually.Generous)).ShouldBe(0, string.Join('\n', worker.Output));
        (await house.RecordAsync(task.Id))!.Worker.ShouldBe("the page");
        (await house.Store.ExistsAsync(ObjectKeys.Image(task.Id, 0))).ShouldBeTrue();
        (await house.CountAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task Cancelled_between_two_attempts_it_is_no_dead_letter()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task() with { Steps = 0 };
        await CancelAsync(task);
        await house.Publisher.PublishAgainAsync(task, attempts: 2);

        (await WorkerProcess.RunJobAsync(house)).Code.ShouldBe(0);

        await IsGoneAsync(task);
    }

    private Task<bool> CancelAsync(GenerationTask task) => PutAsync(task, GenerationOutcome.Cancelled);

    private Task<bool> PutAsync(GenerationTask task, GenerationOutcome status)
    {
        var record = new GenerationRecord
        {
            Status = status, Task = task, Worker = "the page", FinishedAt = TimeProvider.System.GetUtcNow(),
        };
        return house.Store.PutAsync(ObjectKeys.Record(task.Id), record.ToUtf8Json(), "application/json", onlyIfAbsent: true);
    }

    private async Task IsGoneAsync(GenerationTask task)
    {
        (await house.CountAsync()).ShouldBe(0u);
        (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(0u);
        var record = (await house.RecordAsync(task.Id)).ShouldNotBeNull();
        (record.Status, record.Worker).ShouldBe((GenerationOutcome.Cancelled, "the page"));
        for (var n = 0; n < task.Count; n++)
            (await house.Store.ExistsAsync(ObjectKeys.Image(task.Id, n))).ShouldBeFalse();
    }
}
