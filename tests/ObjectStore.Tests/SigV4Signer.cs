using System.Security.Cryptography;
using System.Text;

namespace SdAspire.ObjectStore.Tests;

/// <summary>
/// Signature Version 4, written from its specification and without a line of the server's: two readings of the
/// same text that must agree.
/// </summary>
sealed record SigV4Signer(string AccessKey, string SecretKey, string Region, string Service = "s3")
{
    /// <summary>The Authorization header. <paramref name="path"/> and <paramref name="query"/> are in their encoded form.</summary>
    public string Authorize(
        string method, string path, string query, IReadOnlyDictionary<string, string> headers, string payloadHash, string timestamp)
    {
        var (scope, signed, signature) = Sign(method, path, query, headers, payloadHash, timestamp);
        return $"AWS4-HMAC-SHA256 Credential={AccessKey}/{scope},SignedHeaders={signed},Signature={signature}";
    }

    /// <summary>The query of a presigned URL, with what is in <paramref name="query"/> already.</summary>
    public string Presign(
        string method, string path, string query, IReadOnlyDictionary<string, string> headers, string payloadHash, string timestamp,
        int seconds)
    {
        var names = string.Join("%3B", headers.Keys.Order(StringComparer.Ordinal));
        var credential = Uri.EscapeDataString($"{AccessKey}/{timestamp[..8]}/{Region}/{Service}/aws4_request");
        var own = $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={timestamp}&X-Amz-Expires={seconds}"
            + $"&X-Amz-SignedHeaders={names}";
        var complete = query.Length == 0 ? own : $"{query}&{own}";
        return $"{complete}&X-Amz-Signature={Sign(method, path, complete, headers, payloadHash, timestamp).Signature}";
    }

    (string Scope, string SignedHeaders, string Signature) Sign(
        string method, string path, string query, IReadOnlyDictionary<string, string> headers, string payloadHash, string timestamp)
    {
        var names = headers.Keys.Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal).ToArray();
        var lines = names.Select(name => $"{name}:{headers.First(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value.Trim()}\n");
        var signed = string.Join(';', names);
        var parameters = query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Contains('=') ? pair : pair + "=")
            .Order(StringComparer.Ordinal);
        var canonical = $"{method}\n{path}\n{string.Join('&', parameters)}\n{string.Concat(lines)}\n{signed}\n{payloadHash}";

        var scope = $"{timestamp[..8]}/{Region}/{Service}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{Hex(SHA256.HashData(Utf8(canonical)))}";
        var key = HMACSHA256.HashData(Utf8("AWS4" + SecretKey), Utf8(timestamp[..8]));
        key = HMACSHA256.HashData(key, Utf8(Region));
        key = HMACSHA256.HashData(key, Utf8(Service));
        key = HMACSHA256.HashData(key, Utf8("aws4_request"));
        var signature = Hex(HMACSHA256.HashData(key, Utf8(toSign)));
        return (scope, signed, signature);
    }

    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
