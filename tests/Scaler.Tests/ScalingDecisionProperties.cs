using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SdAspire.Keda.Settings;

namespace SdAspire.Scaler.Tests;

[Properties(Arbitrary = [typeof(Polls)], MaxTest = 2000)]
public class ScalingDecisionProperties
{
    [Property(MaxTest = 20_000)]
    public bool It_is_KEDAs_number(AnyPoll poll) => poll.Value.Jobs == KedaArithmetic.Jobs(poll.Value.Counts, poll.Value.Settings);

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
    public bool More_running_jobs_never_mean_more_jobs_unless_they_pay_for_it(Poll poll)
    {
        // A negative share is a bonus for each running job.
        if (poll.Strategy == ScalingStrategy.Custom || poll.Counts.Running < poll.Settings.MinReplicaCount)
            return true;
        var next = poll with { Counts = poll.Counts with { Running = poll.Counts.Running + 1 } };
        return next.Jobs <= poll.Jobs;
    }

    [Property]
    public bool More_pending_jobs_never_mean_more_jobs(Poll poll) =>
        poll.Counts.Pending == poll.Counts.Running
        || (poll with { Counts = poll.Counts with { Pending = poll.Counts.Pending + 1 } }).Jobs <= poll.Jobs;

    [Property]
    public bool With_nothing_running_all_strategies_agree_but_eager_and_custom(Poll poll)
    {
        var idle = poll with { Counts = poll.Counts with { Running = 0, Pending = 0 } };
        return idle.As(ScalingStrategy.Default).Jobs == idle.As(ScalingStrategy.Accurate).Jobs;
    }

    [Property]
    public bool Accurate_is_default_where_every_running_job_is_pending(Poll poll)
    {
        var pending = poll with { Counts = poll.Counts with { Pending = poll.Counts.Running }, Settings = poll.Settings with { MinReplicaCount = 0 } };
        return pending.As(ScalingStrategy.Accurate).Jobs == pending.As(ScalingStrategy.Default).Jobs;
    }

    [Property]
    public bool Custom_without_parameters_that_change_anything_is_default(Poll poll)
    {
        var custom = poll.As(ScalingStrategy.Custom);
        custom = custom with
        {
            Settings = custom.Settings with
            {
                ScalingStrategy = custom.Settings.ScalingStrategy with
                {
                    CustomScalingQueueLengthDeduction = null,
                    CustomScalingRunningJobPercentage = 1,
                },
            },
        };
        return custom.Jobs == poll.As(ScalingStrategy.Default).Jobs;
    }

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
        public Poll As(ScalingStrategy strategy) =>
            this with { Settings = Settings with { ScalingStrategy = Settings.ScalingStrategy with { Strategy = strategy } } };
        public Poll With(long ready) => this with { Counts = Counts with { Ready = ready } };
    }

    /// <summary>A poll with anything that KEDA takes, also what cannot occur on one machine.</summary>
    public sealed record AnyPoll(Poll Value);

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

        public static Arbitrary<AnyPoll> All() => Arb.From(
            from max in Gen.Choose(1, 200)
            from min in Gen.Frequency((1, Gen.Constant(0)), (1, Gen.Choose(0, 220)))
            from running in Gen.Choose(0, 300)
            from pending in Gen.Choose(0, 300)
            from ready in Gen.Frequency((1, Gen.Constant(0)), (3, Gen.Choose(0, 300)), (1, Gen.Choose(0, 5_000_000)))
            // Ten-thousandths, so that rounding has something to do, but none in the middle of two thousandths.
            from value in Gen.Frequency(
                (2, Gen.Elements(1, 2, 3, 5, 20, 0.1, 0.3, 0.5, 0.7, 1.1, 0.001)),
                (1, Gen.Choose(10, 1_000_000).Where(n => n % 10 != 5).Select(n => n / 10_000.0)))
            from activation in Gen.Frequency((1, Gen.Constant(0.0)), (1, Gen.Choose(0, 200).Select(n => n / 2.0)))
            from strategy in Gen.Elements(Enum.GetValues<ScalingStrategy>())
            from deduction in Gen.Frequency((1, Gen.Constant<int?>(null)), (4, Gen.Choose(-300, 300).Select(n => (int?)n)))
            from share in Gen.Frequency(
                (1, Gen.Constant<double?>(null)), (4, Gen.Choose(-200, 300).Select(n => (double?)(n / 100.0))))
            select new AnyPoll(new(new(ready, running, pending), new()
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
            })));
    }
}
