using System.Security.Cryptography;
using System.Text;

namespace SdAspire.WebUi.Access;

/// <summary>Section <c>Access</c>: who may come in. Both empty: everybody who reaches the service.</summary>
public sealed class AccessOptions
{
    public const string Section = "Access";

    private const int MinKeyLength = 16;
    private const int MinPasswordLength = 8;

    /// <summary>What programs send as <c>Authorization: Bearer KEY</c>.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>What people type on the login page.</summary>
    public string Password { get; set; } = "";

    public bool IsOpen => ApiKey.Length == 0 && Password.Length == 0;

    /// <summary>Changes with the secrets, so that cookies from before a change are worth nothing after it.</summary>
    public string Stamp => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{ApiKey}\n{Password}")));

    /// <summary>What is wrong, in one sentence that holds no secret; null if nothing is.</summary>
    public string? Fault() => this switch
    {
        { IsOpen: true } => null,
        { ApiKey: "" } => "Access__Password is set and Access__ApiKey is not: set both, or neither for access without a login.",
        { Password: "" } => "Access__ApiKey is set and Access__Password is not: set both, or neither for access without a login.",
        { ApiKey.Length: < MinKeyLength } => $"Access__ApiKey is too short: it must have at least {MinKeyLength} characters.",
        { Password.Length: < MinPasswordLength } =>
            $"Access__Password is too short: it must have at least {MinPasswordLength} characters.",
        _ when ApiKey.Any(c => c is <= ' ' or > '~') =>
            "Access__ApiKey has characters that a header cannot carry: only visible ASCII will do.",
        _ when Password.Any(char.IsControl) =>
            "Access__Password has control characters, perhaps a line break at its end, which nobody can type.",
        _ => null,
    };

    /// <summary>Compares secrets in a time that tells nothing of them, not even their length.</summary>
    internal static bool AreEqual(string expected, string given) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(expected)), SHA256.HashData(Encoding.UTF8.GetBytes(given)));
}
