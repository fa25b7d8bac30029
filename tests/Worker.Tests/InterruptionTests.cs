using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;
using SdAspire.Generation;
using SdAspire.Tests.Shared;
using SdAspire.Worker.Jobs;

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

    [Theory]
    [InlineData("Painting")]
    [InlineData("Loaded the model")]
    public async Task Stopped_while_loading_or_before_the_first_step_it_puts_the_message_back(string words)
    {
        await house.ClearAsync();
        var task = Long();
        await house.Publisher.PublishAsync(task);
        await using var worker = WorkerProcess.StartJob(house);
        await worker.WaitForLineAsync(line => line.Contains(words, StringComparison.Ordinal), Eventually.Generous);

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
    public async Task Lost_too_often_it_is_a_dead_letter_with_a_reason_a_record_and_an_event()
    {
        await house.ClearAsync();
        var task = Long();
        await house.Publisher.PublishAsync(task);
        await using var news = await EventLog.SubscribeAsync(house, task.Id);
        await using (var worker = WorkerProcess.StartJob(house))
        {
            await news.UntilAsync(GenerationEventType.Step);
            worker.Kill();
            await worker.WaitForExitAsync(Eventually.Generous);
        }
        await Eventually.TrueAsync(async () => await house.CountAsync() == 1);

        var (code, output) = await WorkerProcess.RunJobAsync(house, ("Topology__DeliveryLimit", "2"));

        code.ShouldBe(3, string.Join('\n', output));
        (await house.CountAsync()).ShouldBe(0u);
        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        Text(dead.BasicProperties, MessageHeaders.Reason).ShouldContain("killed or lost 1 times");
        await news.UntilAsync(GenerationEventType.Failed);
        (await house.RecordAsync(task.Id)).ShouldNotBeNull().Reason.ShouldNotBeNull().ShouldContain("killed or lost");
    }

    [Fact]
    public async Task Failed_attempts_are_counted_and_the_third_is_the_last()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task();
        await house.Publisher.PublishAsync(task);
        var model = await BadInputTests.ModelThatFailsAsync();
        (string, string)[] broken = [("Worker__Model", model.FullName)];

        foreach (var attempt in new[] { 1, 2 })
        {
            var (code, output) = await WorkerProcess.RunJobAsync(house, [.. broken, ("Worker__Name", $"worker-{attempt}")]);
            code.ShouldBe(1, string.Join('\n', output));
            (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(0u);
            var again = await house.TakeAsync(GenerationTopology.Queue);
            MessageHeaders.ReadAttempts(again.BasicProperties).ShouldBe(attempt);
            GenerationTask.Parse(again.Body.Span).ShouldBe(task);
            await house.Publisher.PublishAgainAsync(task, attempt, history: FailedAttempt.Read(again.BasicProperties));
        }
        (await WorkerProcess.RunJobAsync(house, [.. broken, ("Worker__Name", "worker-3")])).Code.ShouldBe(3);
        (await house.CountAsync()).ShouldBe(0u);
        var dead = await house.TakeAsync(GenerationTopology.DeadQueue);
        MessageHeaders.ReadAttempts(dead.BasicProperties).ShouldBe(3);
        Text(dead.BasicProperties, MessageHeaders.Reason).ShouldContain("failed 3 times");
        Text(dead.BasicProperties, MessageHeaders.Worker).ShouldBe("worker-3");
        var history = FailedAttempt.Read(dead.BasicProperties);
        history.Select(failure => failure.Worker).ShouldBe(["worker-1", "worker-2", "worker-3"]);
        history.Select(failure => failure.At).ShouldBeInOrder();
        history.ShouldAllBe(failure => failure.Reason.Contains("thresholding"));
        model.Parent!.Delete(recursive: true);
    }

    [Fact]
    public async Task A_storage_that_is_away_costs_no_attempt_and_no_delivery()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task();
        await house.Publisher.PublishAgainAsync(task, attempts: 2);

        var (code, output) = await WorkerProcess.RunJobAsync(
            house, ("ConnectionStrings__storage", "Endpoint=http://127.0.0.1:1;AccessKey=a;SecretKey=b"), ("Worker__StorageSeconds", "0"));

        code.ShouldBe(1, string.Join('\n', output));
        (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(0u);
        var again = await house.TakeAsync(GenerationTopology.Queue);
        MessageHeaders.ReadAttempts(again.BasicProperties).ShouldBe(2);
        MessageHeaders.ReadDeliveryCount(again.BasicProperties).ShouldBe(0);
        GenerationTask.Parse(again.Body.Span).ShouldBe(task);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_any_more_is_a_broker_that_is_away()
    {
        await using var proxy = new StallingProxy(new Uri(house.Messaging));
        using var host = House.Build(proxy.ConnectionString, house.Storage);
        ((ConnectionFactory)host.Services.GetRequiredService<IConnectionFactory>()).ContinuationTimeout = TimeSpan.FromSeconds(1);
        var broker = host.Services.GetRequiredService<BrokerConnection>();
        await broker.GetAsync();
        proxy.Stall();

        await Should.ThrowAsync<BrokerUnavailableException>(
            () => TaskInbox.OpenAsync(broker, GenerationTopology.Queue, TimeProvider.System, CancellationToken.None));
        await proxy.DisposeAsync();
    }

    [Fact]
    public async Task What_is_tried_again_stays_in_the_trace_that_the_publisher_began()
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
    internal static GenerationTask Long() => WorkerProcess.Task(count: 16, steps: 150, side: 512);

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
