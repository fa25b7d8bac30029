using SdAspire.Diffusion;
using SdAspire.Generation;

namespace SdAspire.Worker.Tests;

public sealed class SchedulersTests
{
    [Fact]
    public void What_may_be_asked_for_is_what_the_engine_has()
    {
        foreach (var name in SchedulerNames.Known)
        {
            Schedulers.TryNormalize(name, out var shortName).ShouldBeTrue(name);
            SchedulerNames.ClassOf(shortName!).ShouldBe(SchedulerNames.ClassOf(name));
        }
        Schedulers.Known.ShouldAllBe(name => SchedulerNames.IsKnown(name));
    }
}
