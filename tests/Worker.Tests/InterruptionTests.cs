using System.Text;
using RabbitMQ.Client;
using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

/// <summary>Whatever ends a worker early, the message is in the queue again.</summary>
[Collection(nameof(House))]
public class InterruptionTests(House house)
{
    [Fact]
    public async Task Stopped_while_painting_it_puts_the_message_back()
    {
        await house.ClearAsync();
        var task = Long();
        await house.Publisher.PublishAsync(task);
        await using var news = await EventLog.SubscribeAsync(house, task.Id);
        await using var worker = WorkerProcess.StartJob(house);
        await news.UntilAsync(GenerationEventType.Step);

        await worker.StopAsync();

        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
        await AgainInQueueAsync(attempts: 0);
        (await house.RecordAsync(task.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task Stopped_while_waiting_it_ends_well()
    {
        await house.ClearAsync();
        await using var worker = WorkerProcess.StartJob(house, ("Worker__WaitSeconds", "-1"));
        await worker.WaitForLineAsync(line => line.Contains("Connected to the message broker", StringComparison.Ordinal), Eventually.Generous);
        await worker.StopAsync();
        worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
    }

    [Fact]
    public async Task Killed_while_painting_it_leaves_the_message_to_the_next_one()
    {
        await house.ClearAsync();
        var task = Long();
        await house.Publisher.PublishAsync(task);
        await using var news = await EventLog.SubscribeAsync(house, task.Id);
        await using var worker = WorkerProcess.StartJob(house);
        await news.UntilAsync(GenerationEventType.Step);
        worker.Kill();
        await AgainInQueueAsync(attempts: 0);
    }

    [Fact]
    public async Task Failed_attempts_are_counted_and_the_third_is_the_last()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task();
        await house.Publisher.PublishAsync(task);
        (string, string)[] withoutStorage =
            [("ConnectionStrings__storage", "Endpoint=http://127.0.0.1:1;AccessKey=a;SecretKey=b"), ("Worker__StorageSeconds", "0")];

        foreach (var attempt in new[] { 1, 2 })
        {
            (await WorkerProcess.RunJobAsync(house, withoutStorage)).Code.ShouldBe(1);
            (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(0u);
            var again = await house.TakeAsync(GenerationTopology.Queue);
            MessageHeaders.ReadAttempts(again.BasicProperties).ShouldBe(attempt);
            GenerationTask.Parse(again.Body.Span).ShouldBe(task);
            await house.Publisher.PublishAsync(task, attempt);
        }
        (await WorkerProcess.RunJobAsync(house, withoutStorage)).Code.ShouldBe(3);
        (await house.CountAsync()).ShouldBe(0u);
        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        MessageHeaders.ReadAttempts(dead.BasicProperties).ShouldBe(3);
        Text(dead.BasicProperties, MessageHeaders.Reason).ShouldContain("failed 3 times");
    }

    [Fact]
    public async Task A_failed_attempt_stays_in_the_trace_that_the_publisher_began()
    {
        await house.ClearAsync();
        using var click = new System.Diagnostics.Activity("click").SetIdFormat(System.Diagnostics.ActivityIdFormat.W3C).Start();
        await house.Publisher.PublishAsync(WorkerProcess.Task());
        var (code, _) = await WorkerProcess.RunJobAsync(
            house, ("ConnectionStrings__storage", "Endpoint=http://127.0.0.1:1;AccessKey=a;SecretKey=b"), ("Worker__StorageSeconds", "0"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_TRACES_SAMPLER", "always_on"));
        code.ShouldBe(1);
        var again = await house.TakeAsync(GenerationTopology.Queue);
        MessageHeaders.ReadTraceContext(again.BasicProperties).TraceId.ShouldBe(click.TraceId);
        MessageHeaders.ReadTraceContext(again.BasicProperties).SpanId.ShouldNotBe(click.SpanId);
    }

    [Fact]
    public async Task Without_a_broker_it_gives_up_for_now()
    {
        var (code, output) = await WorkerProcess.RunJobAsync(
            house, ("ConnectionStrings__messaging", "amqp://127.0.0.1:1"), ("Worker__ConnectSeconds", "1"));
        code.ShouldBe(1);
        output.ShouldContain(line => line.Contains("cannot be reached", StringComparison.Ordinal));
    }

    /// <summary>Longer than any test waits.</summary>
    private static GenerationTask Long() => WorkerProcess.Task(count: 16, steps: 150, side: 512);

    private async Task AgainInQueueAsync(int attempts)
    {
        await Eventually.TrueAsync(async () => await house.CountAsync() == 1);
        var again = await house.TakeAsync(GenerationTopology.Queue);
        again.Redelivered.ShouldBeTrue();
        MessageHeaders.ReadAttempts(again.BasicProperties).ShouldBe(attempts);
    }

    internal static string Text(IReadOnlyBasicProperties properties, string header) =>
        Encoding.UTF8.GetString(properties.Headers![header].ShouldBeOfType<byte[]>());
}
