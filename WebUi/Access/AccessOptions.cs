using System.Security.Cryptography;
using System.Text;

namespace SdAspire.WebUi.Access;

/// <summary>
/// Section <c>Access</c>: who may come in. Without a key everybody who reaches the service, which therefore listens on the loopback
/// alone then, unless it is said to be open.
/// </summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    private const int MinKeyLength = 16;
    private const int MinPasswordLength = 8;

    /// <summary>What programs send as <c>Authorization: Bearer KEY</c>, and people may type on the login page.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>Further keys: for several programs, or while one takes another's place.</summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>What people type on the login page, where that is not to be the key.</summary>
    public string Password { get; set; } = "";

    /// <summary>Whether everybody may come in though the service listens beyond the loopback.</summary>
    public bool Open { get; set; }

    public bool IsOpen => Keys.Length == 0 && Password.Length == 0;

    /// <summary>Changes with the secrets, so that cookies from before a change are worth nothing after it.</summary>
    public string Stamp => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [.. Keys, Password]))));

    private string[] Keys => [.. ApiKeys.Prepend(ApiKey).Where(key => key.Length > 0)];

    /// <summary>What is wrong, in one sentence that holds no secret; null if nothing is.</summary>
    /// <param name="reachable">Whether others than this machine can reach the service.</param>
    public string? Fault(bool reachable) => this switch
    {
        { IsOpen: true } when reachable && !Open => "The page would be open to the network: set Access__ApiKey, or Access__Open=true "
            + "if everybody may come in, or listen on 127.0.0.1.",
        { IsOpen: true } => null,
        { Keys: [] } => "Access__Password is set and Access__ApiKey is not: set both, or the key alone, or neither.",
        _ when Keys.Any(key => key.Length < MinKeyLength) =>
            $"Access__ApiKey is too short: it must have at least {MinKeyLength} characters.",
        { Password.Length: > 0 and < MinPasswordLength } =>
            $"Access__Password is too short: it must have at least {MinPasswordLength} characters.",
        _ when Keys.Any(key => key.Any(c => c is <= ' ' or > '~')) =>
            "Access__ApiKey has characters that a header cannot carry: only visible ASCII will do.",
        _ when Password.Any(char.IsControl) =>
            "Access__Password has control characters, perhaps a line break at its end, which nobody can type.",
        _ => null,
    };

    internal bool IsKey(string given) => Keys.Aggregate(false, (found, key) => found | AreEqual(key, given));

    /// <summary>Whether it lets a person in.</summary>
    internal bool IsPassword(string given) => (Password.Length > 0 && AreEqual(Password, given)) | IsKey(given);

    /// <summary>Compares secrets in a time that tells nothing of them, not even their length.</summary>
    internal static bool AreEqual(string expected, string given) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(expected)), SHA256.HashData(Encoding.UTF8.GetBytes(given)));
}
