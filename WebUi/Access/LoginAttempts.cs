using System.Net;
using System.Threading.RateLimiting;
using SdAspire.WebUi.Limits;

namespace SdAspire.WebUi.Access;

/// <summary>
/// Compares passwords, so many in a minute and no more. Beyond that nothing is compared: people choose passwords that can be
/// guessed, and a guess that is always answered is only a matter of time.
/// </summary>
public sealed class LoginAttempts(AccessOptions options) : IDisposable
{
    public const int PerMinuteAndClient = 10;
    public const int PerMinute = 100;

    private readonly PartitionedRateLimiter<IPAddress> _limits = PartitionedRateLimiter.CreateChained(
        Limit(ClientAddress.Of, PerMinuteAndClient),
        // After the client's own: who has used up his own attempts cannot use up everybody's.
        Limit(_ => IPAddress.Any, PerMinute));

    public LoginOutcome Try(string password, IPAddress? from)
    {
        using var attempt = _limits.AttemptAcquire(from ?? IPAddress.None);
        return !attempt.IsAcquired ? LoginOutcome.TooMany
            : options.IsPassword(password) ? LoginOutcome.Welcome
            : LoginOutcome.Wrong;
    }

    public void Dispose() => _limits.Dispose();

    private static PartitionedRateLimiter<IPAddress> Limit(Func<IPAddress, IPAddress> partition, int permits) =>
        PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetFixedWindowLimiter(
            partition(address), _ => new() { PermitLimit = permits, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));
}

/// <summary>What became of a password.</summary>
public enum LoginOutcome
{
    Welcome,
    Wrong,
    TooMany,
}
