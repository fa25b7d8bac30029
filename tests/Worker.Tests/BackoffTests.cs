using SdAspire.Worker.Jobs;

namespace SdAspire.Worker.Tests;

public sealed class BackoffTests
{
    [Fact]
    public void Pauses_double_up_to_the_longest_and_begin_anew_after_a_success()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        foreach (var seconds in new[] { 1, 2, 4, 5, 5 })
            backoff.Next().TotalSeconds.ShouldBe(seconds, tolerance: seconds / 4.0);
        backoff.Reset();
        backoff.Next().TotalSeconds.ShouldBe(1, tolerance: 0.25);
    }
}
