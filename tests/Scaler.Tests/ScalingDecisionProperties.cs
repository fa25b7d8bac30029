using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SdAspire.Keda.Settings;

namespace SdAspire.Scaler.Tests;

[Properties(Arbitrary = [typeof(Polls)], MaxTest = 2000)]
public class ScalingDecisionProperties
{
    [Property]
    public bool Never_negative(Poll poll) => poll.Jobs >= 0;

    [Property]
    public bool The_maximum_holds_except_for_custom(Poll poll) =>
        poll.Strategy == ScalingStrategy.Custom || poll.Counts.Running + poll.Jobs <= poll.Settings.MaxReplicaCount;

    [Property]
    public bool An_empty_queue_starts_no_more_than_the_minimum(Poll poll) =>
        poll.With(ready: 0).Jobs == Math.Max(0, poll.Settings.MinReplicaCount - poll.Counts.Running);

    [Property]
    public bool Only_eager_starts_more_than_there_are_messages(Poll poll) =>
        poll.Strategy == ScalingStrategy.Eager || poll.Counts.Running < poll.Settings.MinReplicaCount || poll.Jobs <= poll.Counts.Ready;

    [Property]
    public bool More_messages_never_mean_fewer_jobs(Poll poll) => poll.With(ready: poll.Counts.Ready + 1).Jobs >= poll.Jobs;

    [Property]
    public bool Accurate_asks_once(Poll poll)
    {
        var accurate = poll with
        {
            Settings = poll.Settings with { MinReplicaCount = 0, Trigger = new() { Value = 1 }, ScalingStrategy = new() { Strategy = ScalingStrategy.Accurate } },
        };
        var jobs = accurate.Jobs;
        var next = accurate.Counts with { Running = accurate.Counts.Running + jobs, Pending = accurate.Counts.Pending + jobs };
        return (accurate with { Counts = next }).Jobs == 0;
    }

    public sealed record Poll(JobCounts Counts, ScaledJobSettings Settings)
    {
        public ScalingStrategy Strategy => Settings.ScalingStrategy.Strategy;
        public long Jobs => ScalingDecision.JobsToStart(Counts, Settings);
        public Poll With(long ready) => this with { Counts = Counts with { Ready = ready } };
    }

    /// <summary>Polls that can occur: pending jobs are running ones, running ones are at most the maximum.</summary>
    public static class Polls
    {
        public static Arbitrary<Poll> Any() => Arb.From(
            from max in Gen.Choose(1, 40)
            from min in Gen.Choose(0, max)
            from running in Gen.Choose(0, max)
            from pending in Gen.Choose(0, running)
            from ready in Gen.Choose(0, 100)
            from value in Gen.Elements(0.5, 1, 1.5, 3, 20)
            from activation in Gen.Elements(0, 0, 3)
            from strategy in Gen.Elements(Enum.GetValues<ScalingStrategy>())
            from deduction in Gen.Choose(-5, 5)
            from share in Gen.Elements<double?>(null, 0, 0.5, 1)
            select new Poll(new(ready, running, pending), new()
            {
                MaxReplicaCount = max,
                MinReplicaCount = min,
                Trigger = new() { Value = value, ActivationValue = activation },
                ScalingStrategy = new()
                {
                    Strategy = strategy,
                    CustomScalingQueueLengthDeduction = deduction,
                    CustomScalingRunningJobPercentage = share,
                },
            }));
    }
}
