using SdAspire.Keda.Settings;

namespace SdAspire.Scaler.Tests;

/// <summary>The cases of KEDA's own tests (pkg/scaling/executor/scale_jobs_test.go, apis/keda/v1alpha1/scaledjob_types_test.go).</summary>
public class ScalingDecisionTests
{
    [Theory]
    [InlineData(3, 2, 5, 1)]
    [InlineData(2, 0, 5, 2)]
    public void Default_subtracts_every_unfinished_job(int maxScale, int running, int max, int expected) =>
        Jobs(maxScale, running, pending: 0, max, new() { Strategy = ScalingStrategy.Default }).ShouldBe(expected);

    [Theory]
    [InlineData(3, 2, 5, 1, 0.5, 1)]
    [InlineData(10, 0, 10, 1, 0.5, 9)]
    [InlineData(3, 2, 5, 2, 0.0, 1)]
    [InlineData(3, 2, 4, -2, 0.0, 4)]
    [InlineData(10, 2, 100, null, 0.5, 9)]
    [InlineData(10, 0, 100, null, 0.5, 10)]
    public void Custom_subtracts_a_deduction_and_a_share(int maxScale, int running, int max, int? deduction, double share, int expected) =>
        Jobs(maxScale, running, pending: 0, max, new()
        {
            Strategy = ScalingStrategy.Custom,
            CustomScalingQueueLengthDeduction = deduction,
            CustomScalingRunningJobPercentage = share,
        }).ShouldBe(expected);

    [Theory]
    [InlineData(3, 2, null, 1)]
    [InlineData(2, 0, null, 2)]
    [InlineData(3, 2, 1, 1)]
    public void Custom_without_a_share_is_default(int maxScale, int running, int? deduction, int expected) =>
        Jobs(maxScale, running, pending: 0, max: 5, new()
        {
            Strategy = ScalingStrategy.Custom,
            CustomScalingQueueLengthDeduction = deduction,
        }).ShouldBe(expected);

    [Theory]
    [InlineData(3, 2, 0, 5, 3)]
    [InlineData(5, 2, 0, 5, 3)]
    [InlineData(3, 4, 2, 10, 1)]
    [InlineData(5, 4, 2, 5, 1)]
    [InlineData(3, 3, 3, 5, 0)]
    [InlineData(15, 15, 15, 20, 0)]
    [InlineData(10, 10, 10, 15, 0)]
    [InlineData(20, 15, 10, 20, 5)]
    public void Accurate_subtracts_pending_jobs_only(int maxScale, int running, int pending, int max, int expected) =>
        Jobs(maxScale, running, pending, max, new() { Strategy = ScalingStrategy.Accurate }).ShouldBe(expected);

    [Theory]
    [InlineData(4, 3, 0, 10, 4)]
    [InlineData(4, 0, 3, 10, 4)]
    [InlineData(4, 7, 0, 10, 3)]
    [InlineData(4, 1, 6, 10, 3)]
    [InlineData(15, 0, 0, 10, 10)]
    public void Eager_fills_what_is_free(int maxScale, int running, int pending, int max, int expected) =>
        Jobs(maxScale, running, pending, max, new() { Strategy = ScalingStrategy.Eager }).ShouldBe(expected);

    [Theory]
    [InlineData(2, 0, 0, 2)]
    [InlineData(2, 1, 0, 1)]
    [InlineData(2, 0, 9, 2)]
    [InlineData(1, 1, 2, 2)]
    public void Below_the_minimum_only_the_missing_jobs_are_started(int min, int running, int ready, int expected) =>
        ScalingDecision.JobsToStart(new(ready, running, 0), new() { MinReplicaCount = min, Trigger = new() { Value = 1 } }).ShouldBe(expected);

    [Theory]
    [InlineData(10, 0, 0, 10)]
    [InlineData(10, 1, 1, 9)]
    [InlineData(1, 10, 0, 1)]
    [InlineData(1, 10, 1, 1)]
    public void The_minimum_is_taken_off_the_maximum(int max, int min, int running, int expected) =>
        ScalingDecision.JobsToStart(
            new(Ready: 1000, running, 0), new() { MaxReplicaCount = max, MinReplicaCount = min, Trigger = new() { Value = 1 } }).ShouldBe(expected);

    [Theory]
    [InlineData(10, 3, 4)]
    [InlineData(12, 3, 4)]
    [InlineData(1, 20, 1)]
    [InlineData(1000, 3, 100)]
    [InlineData(7, 0.7, 10)]
    [InlineData(21, 0.7, 30)]
    [InlineData(100, 33.3333, 4)]
    [InlineData(100, 33.3336, 3)]
    [InlineData(3, 0.0625, 49)]
    [InlineData(3, 0.0015, 100)]
    public void One_job_is_for_value_messages_rounded_up(int ready, double value, int expected) =>
        ScalingDecision.JobsToStart(
            new(ready, 0, 0), new()
            {
                Trigger = new() { Value = value },
                // The only one that the queue's length does not cap.
                ScalingStrategy = new() { Strategy = ScalingStrategy.Eager },
            }).ShouldBe(expected);

    [Theory]
    [InlineData(ScalingStrategy.Default)]
    [InlineData(ScalingStrategy.Accurate)]
    [InlineData(ScalingStrategy.Eager)]
    public void Nothing_is_started_up_to_the_activation_value(ScalingStrategy strategy)
    {
        var settings = new ScaledJobSettings
        {
            Trigger = new() { Value = 1, ActivationValue = 5 },
            ScalingStrategy = new() { Strategy = strategy },
        };
        ScalingDecision.JobsToStart(new(Ready: 5, 0, 0), settings).ShouldBe(0);
        ScalingDecision.JobsToStart(new(Ready: 6, 0, 0), settings).ShouldBe(6);
    }

    /// <summary>KEDA's tests give the strategies a maxScale; a value of 1000 makes that many out of messages that never cap the result.</summary>
    private static long Jobs(int maxScale, int running, int pending, int max, ScalingStrategySettings strategy) =>
        ScalingDecision.JobsToStart(
            new(Ready: maxScale * 1000, running, pending),
            new() { MaxReplicaCount = max, ScalingStrategy = strategy, Trigger = new() { Value = 1000 } });
}
