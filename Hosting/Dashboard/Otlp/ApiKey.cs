using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace SdAspire.Hosting.Dashboard.Otlp;

/// <summary>Who may send telemetry.</summary>
internal sealed class ApiKey
{
    public const string Header = "x-otlp-api-key";

    // Hashed, so that comparing takes the same time for keys of all lengths.
    private readonly byte[][] _hashes;

    public ApiKey(IOptions<OtlpOptions> options)
    {
        var keys = options.Value.AuthMode == KeyAuthMode.Unsecured
            ? []
            : new[] { options.Value.PrimaryApiKey, options.Value.SecondaryApiKey };
        _hashes = [.. keys.Where(key => !string.IsNullOrEmpty(key)).Select(key => Hash(key!))];
        IsNeeded = options.Value.AuthMode != KeyAuthMode.Unsecured;
    }

    private bool IsNeeded { get; }

    public bool Admits(StringValues header)
    {
        if (!IsNeeded) return true;
        if (header is not [{ } key]) return false;
        var hash = Hash(key);
        var isKnown = false;
        foreach (var known in _hashes)
            isKnown |= CryptographicOperations.FixedTimeEquals(hash, known);
        return isKnown;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
