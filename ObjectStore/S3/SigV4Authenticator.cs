using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace SdAspire.ObjectStore.S3;

/// <summary>
/// What the signature says about a request's body: its SHA-256, or null where the client left the body unsigned.
/// </summary>
internal readonly record struct SignedPayload(byte[]? Sha256);

/// <summary>Lets a request through only if its headers carry a valid Signature Version 4 of the one account.</summary>
internal sealed class SigV4Authenticator(IOptions<ObjectStoreOptions> options, TimeProvider time)
{
    const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";
    const string Unsigned = "UNSIGNED-PAYLOAD";
    const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);
    static readonly string[] PresignedParameters =
        ["X-Amz-Signature", "X-Amz-Algorithm", "X-Amz-Credential", "AWSAccessKeyId", "Signature"];

    readonly ObjectStoreOptions _options = options.Value;

    /// <exception cref="S3Exception">The request is anonymous, or its signature is not good.</exception>
    public SignedPayload Authenticate(HttpRequest request, RawTarget target)
    {
        if (PresignedParameters.Any(name => target[name] is not null))
            throw S3Errors.AccessDenied("Presigned URLs are not supported; use the Authorization header.").AsException();
        if (request.Headers.Authorization is not [{ Length: > 0 } header])
            throw S3Errors.AccessDenied("Access Denied.").AsException();

        var authorization = SigV4Authorization.Parse(header);
        CheckAccount(authorization);
        var timestamp = CheckDate(request, authorization);
        CheckSignedHeaders(request, authorization);
        var (payloadHash, payload) = Payload(request);

        var expected = SigV4Signature.Compute(
            _options.SecretKey, authorization, timestamp, request.Method, target, request.Headers, payloadHash);
        if (!CryptographicOperations.FixedTimeEquals(expected, authorization.Signature))
            throw S3Errors.SignatureDoesNotMatch.AsException();
        return payload;
    }

    void CheckAccount(SigV4Authorization authorization)
    {
        // Hashed to one length: neither content nor length of the configured key shows in the time taken.
        if (!CryptographicOperations.FixedTimeEquals(Hash(authorization.AccessKey), Hash(_options.AccessKey)))
            throw S3Errors.InvalidAccessKeyId.AsException();
        if (authorization.Service != "s3")
            throw SigV4Authorization.Malformed($"incorrect service '{authorization.Service}': this is 's3'");
        if (authorization.Region != _options.Region)
            throw S3Errors.WrongRegion(authorization.Region, _options.Region).AsException();
    }

    string CheckDate(HttpRequest request, SigV4Authorization authorization)
    {
        if (!TryReadDate(request, out var signed))
            throw S3Errors.AccessDenied("AWS authentication requires a valid Date or x-amz-date header").AsException();
        var now = time.GetUtcNow();
        if ((now - signed).Duration() > MaxSkew) throw S3Errors.RequestTimeTooSkewed(signed, now, MaxSkew).AsException();
        var timestamp = signed.ToString(DateFormat, CultureInfo.InvariantCulture);
        if (authorization.Date != timestamp[..8])
            throw SigV4Authorization.Malformed("the date of the credential is not that of the request");
        return timestamp;
    }

    static bool TryReadDate(HttpRequest request, out DateTimeOffset date)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return request.Headers.TryGetValue("x-amz-date", out var own)
            ? DateTimeOffset.TryParseExact(own, DateFormat, CultureInfo.InvariantCulture, utc, out date)
            : DateTimeOffset.TryParseExact(request.Headers.Date, "R", CultureInfo.InvariantCulture, utc, out date);
    }

    static void CheckSignedHeaders(HttpRequest request, SigV4Authorization authorization)
    {
        var unsigned = request.Headers.Keys
            .Select(name => name.ToLowerInvariant())
            .Where(name => name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal))
            .Append("host")
            .Except(authorization.SignedHeaders)
            .ToList();
        if (unsigned.Count == 0) return;
        throw (S3Errors.AccessDenied("There were headers present in the request which were not signed") with
        {
            Details = [("HeadersNotSigned", string.Join(", ", unsigned))],
        }).AsException();
    }

    static (string Hash, SignedPayload Payload) Payload(HttpRequest request)
    {
        var value = request.Headers["x-amz-content-sha256"];
        // curl signs a request without a body without this header.
        if (value.Count == 0) return (EmptySha256, new SignedPayload(Convert.FromHexString(EmptySha256)));
        var hash = value.ToString();
        if (hash == Unsigned) return (hash, new SignedPayload(null));
        if (hash.StartsWith("STREAMING-", StringComparison.Ordinal))
            throw S3Errors.NotImplemented($"The x-amz-content-sha256 {hash}").AsException();
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))
            throw S3Errors.InvalidArgument("x-amz-content-sha256", hash,
                $"x-amz-content-sha256 must be {Unsigned} or a SHA-256 in lower-case hexadecimal.").AsException();
        return (hash, new SignedPayload(Convert.FromHexString(hash)));
    }

    static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
