using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace SdAspire.Hosting.Dashboard.Login;

/// <summary>
/// Compares tokens. Who guesses is told no more after a while; the right token is always welcome, or any page in any browser on
/// this machine could lock its user out.
/// </summary>
internal sealed class LoginAttempts(IOptions<FrontendOptions> options) : IDisposable
{
    private const int WrongTokensPerMinute = 20;

    private readonly PartitionedRateLimiter<IPAddress> _wrongTokens =
        PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetFixedWindowLimiter(
            address,
            _ => new() { PermitLimit = WrongTokensPerMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    // Hashes have one length, so that the comparison tells nothing of the token's.
    private readonly byte[] _expected = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.BrowserToken ?? ""));

    public LoginOutcome Try(string token, IPAddress? from)
    {
        if (CryptographicOperations.FixedTimeEquals(_expected, SHA256.HashData(Encoding.UTF8.GetBytes(token))))
            return LoginOutcome.Welcome;
        using var wrong = _wrongTokens.AttemptAcquire(from ?? IPAddress.None);
        return wrong.IsAcquired ? LoginOutcome.Wrong : LoginOutcome.TooMany;
    }

    public void Dispose() => _wrongTokens.Dispose();
}

/// <summary>What became of a token.</summary>
internal enum LoginOutcome
{
    Welcome,
    Wrong,
    TooMany,
}
