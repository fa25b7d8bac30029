using System.Net;
using Microsoft.Extensions.Options;
using SdAspire.Hosting.Dashboard.Login;

namespace SdAspire.Dashboard.Tests;

public sealed class LoginAttemptsTests
{
    [Fact]
    public void Who_guesses_is_stopped_and_locks_nobody_out()
    {
        using var attempts = new LoginAttempts(Options.Create(new FrontendOptions { BrowserToken = "right" }));
        attempts.Try("right", IPAddress.Loopback).ShouldBe(LoginOutcome.Welcome);
        for (var i = 0; i < 20; i++)
            attempts.Try($"wrong {i}", IPAddress.Loopback).ShouldBe(LoginOutcome.Wrong);
        attempts.Try("wrong again", IPAddress.Loopback).ShouldBe(LoginOutcome.TooMany);
        attempts.Try("wrong elsewhere", IPAddress.IPv6Loopback).ShouldBe(LoginOutcome.Wrong);
        attempts.Try("right", IPAddress.Loopback).ShouldBe(LoginOutcome.Welcome);
    }
}
