using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

/// <summary>A worker that stays until it is stopped.</summary>
[Collection(nameof(House))]
public sealed class ContinuousTests(House house, BrokerFixture broker) : IDisposable
{
    private readonly string _ready = Path.Combine(Path.GetTempPath(), $"sdaspire-ready-{Guid.NewGuid():N}");

    [Fact]
    public async Task It_paints_what_comes_with_one_load_of_the_model_and_dead_letters_on_the_way()
    {
        await house.ClearAsync();
        await using var worker = Start();
        await WaitingAsync(worker);
        var (first, last) = (WorkerProcess.Task(), WorkerProcess.Task());
        await house.Publisher.PublishAsync(first);
        await house.PublishAsync("paint me a heart"u8.ToArray());
        await house.Publisher.PublishAsync(last);
        await PaintedAsync(worker, last);

        await worker.StopAsync();

        // Whatever happened in its life: it was told to go.
        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        (await house.RecordAsync(first.Id)).ShouldNotBeNull().Status.ShouldBe(GenerationOutcome.Done);
        (await house.RecordAsync(last.Id)).ShouldNotBeNull().Status.ShouldBe(GenerationOutcome.Done);
        (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(1u);
        (await house.CountAsync()).ShouldBe(0u);
        worker.Output.Count(line => line.Contains("Loaded the model", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task It_outlives_the_broker_and_is_ready_only_with_it()
    {
        await house.ClearAsync();
        await File.WriteAllTextAsync(_ready, "left behind");
        await using var worker = Start();
        await worker.WaitForLineAsync(line => line.Contains("Loaded the model", StringComparison.Ordinal), Eventually.Generous);
        await Eventually.TrueAsync(() => File.Exists(_ready));
        (await File.ReadAllTextAsync(_ready)).ShouldBeEmpty();
        var before = WorkerProcess.Task();
        await house.Publisher.PublishAsync(before);
        await PaintedAsync(worker, before);
        (await File.ReadAllTextAsync(_ready)).ShouldBe($"{before.Id} 1\n");
        var inHand = WorkerProcess.Task(count: 8, steps: 100);
        await using (var news = await EventLog.SubscribeAsync(house, inHand.Id))
        {
            await house.Publisher.PublishAsync(inHand);
            await news.UntilAsync(GenerationEventType.Step);
        }

        await broker.StopAsync();
        try
        {
            await Eventually.TrueAsync(() => !File.Exists(_ready));
        }
        finally
        {
            await broker.StartAsync();
        }
        await Eventually.TrueAsync(() => File.Exists(_ready));
        var after = WorkerProcess.Task();
        await house.Publisher.PublishAsync(after);
        await PaintedAsync(worker, after);
        (await house.RecordAsync(inHand.Id)).ShouldNotBeNull().Status.ShouldBe(GenerationOutcome.Done);
        await Eventually.TrueAsync(async () => await house.CountAsync() == 0);

        await worker.StopAsync();
        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        (await house.CountAsync()).ShouldBe(0u);
        (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(0u);
        File.Exists(_ready).ShouldBeFalse();
    }

    [Fact]
    public async Task A_queue_that_was_deleted_is_there_again()
    {
        const string Queue = "worker-tests.continuous";
        await using var worker = Start(("Worker__Queue", Queue));
        await WaitingAsync(worker);
        await house.DeleteAsync(Queue);
        await Eventually.TrueAsync(() => Waits(worker) == 2);
        var task = WorkerProcess.Task();
        await house.Publisher.PublishAsync(task, Queue);
        await PaintedAsync(worker, task);
        await worker.StopAsync();
        await house.DeleteAsync(Queue);
    }

    [Fact]
    public async Task Stopped_while_waiting_it_ends_well()
    {
        await house.ClearAsync();
        await using var worker = Start();
        await WaitingAsync(worker);
        await worker.StopAsync();
        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Stopped_while_painting_it_puts_back_what_it_cannot_finish_in_time(string drainSeconds)
    {
        await house.ClearAsync();
        var (inHand, next) = (InterruptionTests.Long(), WorkerProcess.Task());
        await house.Publisher.PublishAsync(inHand);
        await house.Publisher.PublishAsync(next);
        await using var news = await EventLog.SubscribeAsync(house, inHand.Id);
        await using var worker = Start(("Worker__DrainSeconds", drainSeconds));
        await news.UntilAsync(GenerationEventType.Step);

        await worker.StopAsync();

        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        (await house.RecordAsync(inHand.Id)).ShouldBeNull();
        (await house.CountAsync()).ShouldBe(2u);
        var again = await house.TakeAsync(GenerationTopology.Queue);
        again.BasicProperties.MessageId.ShouldBe(inHand.Id);
        MessageHeaders.ReadAttempts(again.BasicProperties).ShouldBe(0);
        // Once, and not also as the next message of a subscription that is about to end.
        MessageHeaders.ReadDeliveryCount(again.BasicProperties).ShouldBe(1);
        (await house.TakeAsync(GenerationTopology.Queue)).Redelivered.ShouldBeFalse();
    }

    [Fact]
    public async Task Stopped_with_time_to_drain_it_finishes_what_it_has_and_takes_no_more()
    {
        await house.ClearAsync();
        var (inHand, next) = (WorkerProcess.Task(count: 8, steps: 100), WorkerProcess.Task());
        await house.Publisher.PublishAsync(inHand);
        await house.Publisher.PublishAsync(next);
        await using var news = await EventLog.SubscribeAsync(house, inHand.Id);
        await using var worker = Start(("Worker__DrainSeconds", "600"));
        await news.UntilAsync(GenerationEventType.Step);

        await worker.TerminateAsync();

        (await worker.WaitForExitAsync(Eventually.Generous)).ShouldBe(0, string.Join('\n', worker.Output));
        (await house.RecordAsync(inHand.Id)).ShouldNotBeNull().Status.ShouldBe(GenerationOutcome.Done);
        (await house.CountAsync()).ShouldBe(1u);
        var rest = await house.TakeAsync(GenerationTopology.Queue);
        rest.BasicProperties.MessageId.ShouldBe(next.Id);
        rest.Redelivered.ShouldBeFalse();
    }

    [Fact]
    public async Task Told_twice_it_puts_back_what_it_has()
    {
        await house.ClearAsync();
        var inHand = InterruptionTests.Long();
        await house.Publisher.PublishAsync(inHand);
        await using var news = await EventLog.SubscribeAsync(house, inHand.Id);
        await using var worker = Start(("Worker__DrainSeconds", "600"));
        await news.UntilAsync(GenerationEventType.Step);
        await worker.TerminateAsync();
        await worker.WaitForLineAsync(line => line.Contains("Stopping", StringComparison.Ordinal), Eventually.Generous);
        worker.HasExited.ShouldBeFalse();

        await worker.StopAsync();

        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        (await house.TakeAsync(GenerationTopology.Queue)).BasicProperties.MessageId.ShouldBe(inHand.Id);
    }

    [Fact]
    public async Task What_fails_three_times_is_a_dead_letter_and_the_others_are_painted()
    {
        await house.ClearAsync();
        var model = await BadInputTests.ModelThatFailsAsync();
        var (bad, good) = (WorkerProcess.Task(), WorkerProcess.Task() with { Scheduler = "euler" });
        await house.Publisher.PublishAsync(bad);
        await house.Publisher.PublishAsync(good);
        await using var worker = Start(("Worker__Model", model.FullName));

        await worker.WaitForLineAsync(line => line.Contains("is a dead letter", StringComparison.Ordinal), Eventually.Generous);
        await PaintedAsync(worker, good);
        await worker.StopAsync();

        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        dead.BasicProperties.MessageId.ShouldBe(bad.Id);
        MessageHeaders.ReadAttempts(dead.BasicProperties).ShouldBe(3);
        (await house.CountAsync()).ShouldBe(0u);
        model.Parent!.Delete(recursive: true);
    }

    [Fact]
    public async Task A_model_that_does_not_load_is_named_before_a_message_is_taken()
    {
        await house.ClearAsync();
        await house.Publisher.PublishAsync(WorkerProcess.Task());
        var model = await BadInputTests.ModelThatDoesNotLoadAsync();
        await using var worker = Start(("Worker__Model", model.FullName), ("Logging__LogLevel__Default", "None"));

        (await worker.WaitForExitAsync(Eventually.Generous)).ShouldBe(2);

        worker.Output.ShouldHaveSingleItem().ShouldContain(model.FullName);
        (await house.TakeAsync(GenerationTopology.Queue)).Redelivered.ShouldBeFalse();
        model.Parent!.Delete(recursive: true);
    }

    [Fact]
    public async Task It_waits_for_a_broker_that_is_not_there_yet()
    {
        await using var worker = Start(("ConnectionStrings__messaging", "amqp://127.0.0.1:1"), ("Worker__ConnectSeconds", "0"));
        await Eventually.TrueAsync(
            () => worker.Output.Count(line => line.Contains("cannot be reached", StringComparison.Ordinal)) >= 2);
        File.Exists(_ready).ShouldBeFalse();
        await worker.StopAsync();
        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
    }

    public void Dispose() => File.Delete(_ready);

    private ChildProcess Start(params (string, string)[] settings) => WorkerProcess.StartJob(
        house, [("Worker__Mode", "Continuous"), ("Worker__ReadinessFile", _ready), .. settings]);

    private static int Waits(ChildProcess worker) =>
        worker.Output.Count(line => line.Contains("Waiting for messages in", StringComparison.Ordinal));

    private static Task WaitingAsync(ChildProcess worker) => worker.WaitForLineAsync(
        line => line.Contains("Waiting for messages in", StringComparison.Ordinal), Eventually.Generous);

    private static Task PaintedAsync(ChildProcess worker, GenerationTask task) => worker.WaitForLineAsync(
        line => line.Contains($"Painted {task.Id}", StringComparison.Ordinal), Eventually.Generous);
}
