using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace SdAspire.ObjectStore.S3;

/// <summary>AWS Signature Version 4: the canonical request, the string to sign, the signature.</summary>
internal static class SigV4Signature
{
    public static byte[] Compute(
        string secretKey, SigV4Authorization authorization, string timestamp, string method, RawTarget target,
        IHeaderDictionary headers, string payloadHash)
    {
        var canonicalRequest = CanonicalRequest(method, target, headers, authorization.SignedHeaders, payloadHash);
        var stringToSign = string.Join('\n',
            SigV4Authorization.Algorithm, timestamp, authorization.Scope, Convert.ToHexStringLower(Sha256(canonicalRequest)));
        return Hmac(SigningKey(secretKey, authorization), stringToSign);
    }

    static string CanonicalRequest(
        string method, RawTarget target, IHeaderDictionary headers, IReadOnlyList<string> signedHeaders, string payloadHash)
    {
        var canonical = new StringBuilder()
            .Append(method).Append('\n')
            .Append(target.Path).Append('\n')
            .AppendJoin('&', target.Query
                .Where(parameter => parameter.Name != PresignedQuery.SignatureName)
                .OrderBy(parameter => parameter.RawName, StringComparer.Ordinal)
                .ThenBy(parameter => parameter.RawValue, StringComparer.Ordinal)
                .Select(parameter => $"{parameter.RawName}={parameter.RawValue}"))
            .Append('\n');
        foreach (var name in signedHeaders)
            canonical.Append(name).Append(':').Append(CanonicalValue(headers[name])).Append('\n');
        return canonical.Append('\n').AppendJoin(';', signedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    // Values of one name are joined in their order, and every run of spaces counts as one.
    static string CanonicalValue(StringValues values) => string.Join(',', values.Select(
        value => string.Join(' ', (value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))));

    static byte[] SigningKey(string secretKey, SigV4Authorization authorization)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        return authorization.Scope.Split('/').Aggregate(key, Hmac);
    }

    static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    static byte[] Sha256(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
