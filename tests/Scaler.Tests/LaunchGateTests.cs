using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SdAspire.Scaler.Launching;

namespace SdAspire.Scaler.Tests;

public class LaunchGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LaunchGate _gate;

    public LaunchGateTests()
    {
        var options = new ScalerOptions { Backoff = TimeSpan.FromSeconds(1), MaxBackoff = TimeSpan.FromSeconds(5) };
        _gate = new LaunchGate(Options.Create(options), _time, NullLogger<LaunchGate>.Instance);
    }

    [Theory]
    [InlineData(0, ExitKind.Done)]
    [InlineData(3, ExitKind.Done)]
    [InlineData(1, ExitKind.Transient)]
    [InlineData(134, ExitKind.Transient)]
    [InlineData(137, ExitKind.Transient)]
    [InlineData(2, ExitKind.Configuration)]
    [InlineData(127, ExitKind.Configuration)]
    public void Exit_codes_say_what_to_do(int code, ExitKind expected) => ExitCodes.Kind(code).ShouldBe(expected);

    [Fact]
    public void Pauses_double_up_to_the_limit_and_end_with_a_success()
    {
        foreach (var seconds in new[] { 1, 2, 4, 5, 5 })
        {
            Fail();
            _gate.Closed.ShouldBe(TimeSpan.FromSeconds(seconds));
            _time.Advance(TimeSpan.FromSeconds(seconds));
            _gate.Closed.ShouldBe(TimeSpan.Zero);
        }
        _gate.Ended(ExitKind.Done, "worker-a", _time.GetUtcNow(), null);
        Fail();
        _gate.Closed.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Workers_that_fail_side_by_side_count_once()
    {
        var started = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 4; i++)
            _gate.Ended(ExitKind.Transient, $"worker-{i}", started, null);
        _gate.Closed.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_wrong_configuration_is_tried_again_after_the_longest_pause_and_told_in_the_workers_own_words_until_it_is_right()
    {
        for (var i = 0; i < 2; i++)
        {
            _gate.Ended(ExitKind.Configuration, "worker-a", _time.GetUtcNow(), "models/x/unet/config.json is missing");
            _gate.Closed.ShouldBe(TimeSpan.FromSeconds(5));
            _time.Advance(TimeSpan.FromSeconds(5));
            _gate.Closed.ShouldBe(TimeSpan.Zero);
            _gate.ConfigurationError!.ShouldContain("models/x/unet/config.json is missing");
            _gate.ConfigurationError!.ShouldNotContain('\n');
        }
        _gate.Ended(ExitKind.Done, "worker-a", _time.GetUtcNow(), null);
        _gate.ConfigurationError.ShouldBeNull();
    }

    private void Fail() => _gate.Ended(ExitKind.Transient, "worker-a", _time.GetUtcNow(), null);
}
