using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SdAspire.Scaler.Jobs;
using SdAspire.Scaler.Launching;

namespace SdAspire.Scaler.Tests;

public class JobHistoryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_job_that_has_ended_is_forgotten_after_its_time_whatever_the_limits_allow()
    {
        using var history = History(ttl: 60);
        history.Started("running", 1);
        End(history, "old", JobReason.Completed);
        _time.Advance(TimeSpan.FromSeconds(30));
        End(history, "new", JobReason.TransientFailure);

        _time.Advance(TimeSpan.FromSeconds(29));
        Names(history).ShouldBe(["running", "old", "new"], ignoreOrder: true);
        _time.Advance(TimeSpan.FromSeconds(1));
        Names(history).ShouldBe(["running", "new"], ignoreOrder: true);
        history.TryGetLog("old", out _).ShouldBeFalse();
        _time.Advance(TimeSpan.FromDays(1));
        Names(history).ShouldBe(["running"]);
    }

    [Fact]
    public void Without_a_time_to_live_it_is_forgotten_at_once()
    {
        using var history = History(ttl: 0);
        End(history, "a", JobReason.Completed);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Names(history).ShouldBeEmpty();
    }

    [Fact]
    public void The_limits_are_for_each_state_and_the_oldest_go_first()
    {
        using var history = History(ttl: 3600, successful: 1, failed: 2);
        foreach (var name in new[] { "s1", "f1", "s2", "f2", "f3", "s3" })
        {
            End(history, name, name[0] == 's' ? JobReason.Completed : JobReason.DeadLettered);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Names(history).ShouldBe(["f2", "f3", "s3"], ignoreOrder: true);
    }

    private static IEnumerable<string> Names(JobHistory history) => history.Jobs.Select(job => job.Name);

    private static void End(JobHistory history, string name, JobReason reason)
    {
        history.Started(name, 1);
        history.Ended(name, new ProcessEnd(0, TimeSpan.Zero), reason, null);
    }

    private JobHistory History(int ttl, int successful = 100, int failed = 100) => new(
        Options.Create(new ScalerOptions
        {
            TtlSecondsAfterFinished = ttl,
            SuccessfulJobsHistoryLimit = successful,
            FailedJobsHistoryLimit = failed,
        }), _time);
}
