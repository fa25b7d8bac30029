using System.Diagnostics;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

/// <summary>A job that may take further messages after its first.</summary>
[Collection(nameof(House))]
public class SeveralTasksTests(House house)
{
    [Fact]
    public async Task It_paints_as_many_as_it_may_in_their_order_with_one_load_of_the_model()
    {
        await house.ClearAsync();
        var tasks = new[] { WorkerProcess.Task(), WorkerProcess.Task(), WorkerProcess.Task(), WorkerProcess.Task() };
        foreach (var task in tasks)
            await house.Publisher.PublishAsync(task);

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__MaxTasks", "3"));

        code.ShouldBe(0, string.Join('\n', output));
        output.Count(line => line.Contains("Loaded the model", StringComparison.Ordinal)).ShouldBe(1);
        output.Where(line => line.Contains("Painted", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1])
            .ShouldBe(tasks.Take(3).Select(task => task.Id));
        foreach (var task in tasks.Take(3))
            (await house.RecordAsync(task.Id)).ShouldNotBeNull().Attempts.ShouldBe(1);
        (await house.CountAsync()).ShouldBe(1u);
        // Never fetched ahead: it would count as a delivery.
        var rest = await house.TakeAsync(GenerationTopology.Queue);
        rest.BasicProperties.MessageId.ShouldBe(tasks[3].Id);
        rest.Redelivered.ShouldBeFalse();
    }

    [Fact]
    public async Task Without_a_limit_and_without_a_wait_it_ends_when_nothing_is_waiting()
    {
        await house.ClearAsync();
        await house.Publisher.PublishAsync(WorkerProcess.Task());
        await house.Publisher.PublishAsync(WorkerProcess.Task());

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__MaxTasks", "0"));

        code.ShouldBe(0, string.Join('\n', output));
        output.Count(line => line.Contains("Painted", StringComparison.Ordinal)).ShouldBe(2);
        (await house.CountAsync()).ShouldBe(0u);
    }

    [Fact]
    public async Task It_waits_for_the_next_message()
    {
        await house.ClearAsync();
        await house.Publisher.PublishAsync(WorkerProcess.Task());
        await using var worker = WorkerProcess.StartJob(house, ("Worker__MaxTasks", "2"), ("Worker__IdleSeconds", "600"));
        await worker.WaitForLineAsync(line => line.Contains("Painted", StringComparison.Ordinal), Eventually.Generous);
        await house.Publisher.PublishAsync(WorkerProcess.Task());

        (await worker.WaitForExitAsync(Eventually.Generous)).ShouldBe(0);

        worker.Output.Count(line => line.Contains("Painted", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task It_ends_when_it_has_waited_in_vain()
    {
        await house.ClearAsync();
        await house.Publisher.PublishAsync(WorkerProcess.Task());

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__MaxTasks", "0"), ("Worker__IdleSeconds", "1"));

        code.ShouldBe(0, string.Join('\n', output));
        output.ShouldContain(line => line.Contains("No message in tasks for 1 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_what_is_no_task_it_goes_on()
    {
        await house.ClearAsync();
        var (first, last) = (WorkerProcess.Task(), WorkerProcess.Task());
        await house.Publisher.PublishAsync(first);
        await house.PublishAsync("paint me a heart"u8.ToArray());
        await house.Publisher.PublishAsync(last);

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Worker__MaxTasks", "3"));

        code.ShouldBe(3, string.Join('\n', output));
        (await house.RecordAsync(first.Id)).ShouldNotBeNull();
        (await house.RecordAsync(last.Id)).ShouldNotBeNull();
        (await house.CountAsync()).ShouldBe(0u);
        (await house.TakeAsync(GenerationTopology.DeadQueue)).Body.ToArray().ShouldBe("paint me a heart"u8.ToArray());
    }

    [Fact]
    public async Task After_an_attempt_that_fails_it_goes_on_and_each_message_stays_in_its_own_trace()
    {
        await house.ClearAsync();
        var model = await BadInputTests.ModelThatFailsAsync();
        var good = new[] { WorkerProcess.Task() with { Scheduler = "euler" }, WorkerProcess.Task() with { Scheduler = "euler" } };
        var bad = WorkerProcess.Task();
        await PublishAsync(good[0]);
        var trace = await PublishAsync(bad);
        await house.PublishAsync("paint me a heart"u8.ToArray());
        await PublishAsync(good[1]);

        var (code, output) = await WorkerProcess.RunJobAsync(
            house, ("Worker__MaxTasks", "4"), ("Worker__Model", model.FullName),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_TRACES_SAMPLER", "always_on"));

        // A failed attempt weighs more than a dead letter.
        code.ShouldBe(1, string.Join('\n', output));
        foreach (var task in good)
            (await house.RecordAsync(task.Id)).ShouldNotBeNull().Status.ShouldBe(GenerationOutcome.Done);
        (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(1u);
        (await house.CountAsync()).ShouldBe(1u);
        var again = await house.TakeAsync(GenerationTopology.Queue);
        GenerationTask.Parse(again.Body.Span).ShouldBe(bad);
        MessageHeaders.ReadAttempts(again.BasicProperties).ShouldBe(1);
        MessageHeaders.ReadTraceContext(again.BasicProperties).TraceId.ShouldBe(trace);
        model.Parent!.Delete(recursive: true);

        async Task<ActivityTraceId> PublishAsync(GenerationTask task)
        {
            using var click = new Activity("click").SetIdFormat(ActivityIdFormat.W3C).Start();
            await house.Publisher.PublishAsync(task);
            return click.TraceId;
        }
    }

    [Fact]
    public async Task Without_storage_it_ends_and_leaves_the_other_messages_alone()
    {
        await house.ClearAsync();
        var tasks = new[] { WorkerProcess.Task(), WorkerProcess.Task() };
        foreach (var task in tasks)
            await house.Publisher.PublishAsync(task);

        var (code, output) = await WorkerProcess.RunJobAsync(
            house, ("Worker__MaxTasks", "0"), ("Worker__StorageSeconds", "0"),
            ("ConnectionStrings__storage", "Endpoint=http://127.0.0.1:1;AccessKey=a;SecretKey=b"));

        code.ShouldBe(1, string.Join('\n', output));
        (await house.CountAsync()).ShouldBe(2u);
        var next = await house.TakeAsync(GenerationTopology.Queue);
        next.BasicProperties.MessageId.ShouldBe(tasks[1].Id);
        next.Redelivered.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, 3, 3)]
    [InlineData(3, 1, 1)]
    [InlineData(1, 3, 1)]
    [InlineData(1, 2, 2)]
    [InlineData(0, 0, 0)]
    public void The_exit_code_is_the_worst_of_all(int one, int other, int worse) => ExitCode.Worse(one, other).ShouldBe(worse);
}
