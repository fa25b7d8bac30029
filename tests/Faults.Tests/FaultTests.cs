namespace SdAspire.Faults.Tests;

/// <summary>
/// The same as <c>./bench faults</c>, with fewer prompts and six of its faults. The result says what was counted.
/// </summary>
public sealed class FaultTests
{
    private const int Prompts = 20;

    [Fact]
    public Task A_worker_that_is_killed_while_it_paints_loses_and_doubles_nothing() => SurvivesAsync(FaultCatalog.WorkerPainting);

    [Fact]
    public Task A_worker_that_is_killed_between_its_record_and_the_acknowledgement_loses_and_doubles_nothing() =>
        SurvivesAsync(FaultCatalog.WorkerAcknowledging);

    [Fact]
    public Task A_broker_that_is_killed_twice_loses_and_doubles_nothing() => SurvivesAsync(FaultCatalog.Broker);

    [Fact]
    public Task A_storage_that_is_killed_loses_and_doubles_nothing() => SurvivesAsync(FaultCatalog.Storage);

    [Fact]
    public Task A_launcher_that_is_killed_takes_its_workers_along_and_loses_and_doubles_nothing() =>
        SurvivesAsync(FaultCatalog.Launcher);

    [Fact]
    public Task What_was_accepted_before_everything_was_stopped_is_finished_after_the_next_start() =>
        SurvivesAsync(FaultCatalog.Everything);

    private static async Task SurvivesAsync(Fault fault)
    {
        var result = await FaultRunner.RunAsync(fault with { Times = Math.Min(fault.Times, 2) }, Prompts);

        result.Problems.ShouldBeEmpty();
        (result.Accepted + result.Unanswered).ShouldBe(Prompts);
        result.Painted.ShouldBe(result.Accepted);
    }
}
