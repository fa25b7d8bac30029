using SdAspire.Generation;
using SdAspire.Tests.Shared;

namespace SdAspire.Worker.Tests;

/// <summary>However often its workers are stopped or lose the broker, a prompt that has done nothing wrong is painted.</summary>
[Collection(nameof(House))]
public class ManyInterruptionsTests(House house, BrokerFixture broker)
{
    [Fact]
    public async Task Ten_interruptions_in_a_row_cost_no_attempt()
    {
        await house.ClearAsync();
        var task = WorkerProcess.Task(count: 6, steps: 150);
        await house.Publisher.PublishAsync(task);

        for (var round = 0; round < 2; round++)
        {
            await InterruptAsync(worker => SaysAsync(worker, "Connected to the message broker"));
            await InterruptAsync(worker => SaysAsync(worker, "Painting"));
            await InterruptAsync(worker => SaysAsync(worker, "Loaded the model"));
            await InterruptAsync(async worker =>
            {
                await SaysAsync(worker, "Painting");
                await Eventually.TrueAsync(() => house.Store.ExistsAsync(ObjectKeys.Image(task.Id, 0)));
            });
            await InterruptAsync(async worker =>
            {
                // One that has loaded is not connected yet.
                await SaysAsync(worker, "Painting");
                await broker.StopAsync();
                await broker.StartAsync();
            });
        }

        var (code, output) = await WorkerProcess.RunJobAsync(house);

        code.ShouldBe(0, string.Join('\n', output));
        var record = (await house.RecordAsync(task.Id)).ShouldNotBeNull();
        (record.Status, record.Attempts).ShouldBe((GenerationOutcome.Done, 1));
        (await house.CountAsync()).ShouldBe(0u);
        (await house.CountAsync(GenerationTopology.DeadQueue)).ShouldBe(0u);

        async Task InterruptAsync(Func<ChildProcess, Task> until)
        {
            await using var worker = WorkerProcess.StartJob(house, ("Worker__WaitSeconds", "-1"));
            await until(worker);
            await worker.StopAsync();
            worker.ExitCode.ShouldBe(0, string.Join('\n', worker.Output));
            (await house.RecordAsync(task.Id)).ShouldBeNull();
            await Eventually.TrueAsync(async () => await house.CountAsync() == 1);
        }
    }

    private static Task SaysAsync(ChildProcess worker, string words) =>
        worker.WaitForLineAsync(line => line.Contains(words, StringComparison.Ordinal), Eventually.Generous);
}
