using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace SdAspire.ObjectStore.S3;

/// <summary>
/// What the signature says about a request's body: its SHA-256, or null where the client left the body unsigned.
/// </summary>
internal readonly record struct SignedPayload(byte[]? Sha256);

/// <summary>Lets a request through only if its headers or its query carry a Signature Version 4 of the account.</summary>
internal sealed class SigV4Authenticator(IOptions<ObjectStoreOptions> options, TimeProvider time)
{
    const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";
    const string PayloadHeader = "x-amz-content-sha256";
    const string Unsigned = "UNSIGNED-PAYLOAD";
    const string EmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);
    static readonly string[] Version2Parameters = ["AWSAccessKeyId", "Signature"];

    readonly ObjectStoreOptions _options = options.Value;

    /// <exception cref="S3Exception">The request is anonymous, or its signature is not good.</exception>
    public SignedPayload Authenticate(HttpRequest request, RawTarget target)
    {
        var isPresigned = PresignedQuery.IsIn(target);
        if (request.Headers.Authorization is not [{ Length: > 0 } header])
        {
            if (Version2Parameters.Any(name => target[name] is not null))
                throw S3Errors.AccessDenied("Signature Version 2 is not supported; use version 4.").AsException();
            return isPresigned ? CheckPresigned(request, target) : throw S3Errors.AccessDenied("Access Denied.").AsException();
        }
        if (isPresigned)
        {
            throw S3Errors.InvalidArgument("Authorization", "",
                "Only one auth mechanism allowed: either the query or the Authorization header.").AsException();
        }
        return CheckHeader(request, target, SigV4Authorization.Parse(header));
    }

    public static bool TryParseDate(string? text, out DateTimeOffset date) =>
        DateTimeOffset.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, Utc, out date);

    SignedPayload CheckHeader(HttpRequest request, RawTarget target, SigV4Authorization authorization)
    {
        CheckAccessKey(authorization);
        if (authorization.Service != "s3")
            throw SigV4Authorization.Malformed($"incorrect service '{authorization.Service}': this is 's3'");
        if (authorization.Region != _options.Region)
            throw S3Errors.WrongRegion(authorization.Region, _options.Region).AsException();
        var timestamp = CheckDate(request, authorization);
        CheckSignedHeaders(request, authorization);
        // curl signs a request without a body without this header.
        var (hash, payload) = Payload(request.Headers[PayloadHeader].ToString() is { Length: > 0 } sent ? sent : EmptySha256);
        CheckSignature(request, target, authorization, timestamp, hash);
        return payload;
    }

    SignedPayload CheckPresigned(HttpRequest request, RawTarget target)
    {
        var presigned = PresignedQuery.Parse(target);
        var authorization = presigned.Authorization;
        var timestamp = Timestamp(presigned.Signed);
        CheckAccessKey(authorization);
        var scope = $"{timestamp[..8]}/{_options.Region}/s3/{SigV4Authorization.Terminator}";
        if (authorization.Scope != scope) throw PresignedQuery.Wrong($"the scope of the credential must be {scope}");
        CheckSignedHeaders(request, authorization);
        var sent = request.Headers[PayloadHeader] is [{ Length: > 0 } header] ? header : target[PresignedQuery.PayloadName];
        var hash = sent ?? Unsigned;
        CheckSignature(request, target, authorization, timestamp, hash);

        var now = time.GetUtcNow();
        if (presigned.Signed - now > MaxSkew) throw S3Errors.AccessDenied("Request is not valid yet.").AsException();
        if (presigned.Signed + presigned.Lifetime is var end && now > end) throw S3Errors.Expired(end, now).AsException();
        PresignedQuery.RefuseUnsupported(target);
        return Payload(hash).Payload;
    }

    void CheckSignature(
        HttpRequest request, RawTarget target, SigV4Authorization authorization, string timestamp, string payloadHash)
    {
        var expected = SigV4Signature.Compute(
            _options.SecretKey, authorization, timestamp, request.Method, target, request.Headers, payloadHash);
        if (!CryptographicOperations.FixedTimeEquals(expected, authorization.Signature))
            throw S3Errors.SignatureDoesNotMatch.AsException();
    }

    void CheckAccessKey(SigV4Authorization authorization)
    {
        // Hashed to one length: neither content nor length of the configured key shows in the time taken.
        if (!CryptographicOperations.FixedTimeEquals(Hash(authorization.AccessKey), Hash(_options.AccessKey)))
            throw S3Errors.InvalidAccessKeyId.AsException();
    }

    string CheckDate(HttpRequest request, SigV4Authorization authorization)
    {
        if (!TryReadDate(request, out var signed))
            throw S3Errors.AccessDenied("AWS authentication requires a valid Date or x-amz-date header").AsException();
        var now = time.GetUtcNow();
        if ((now - signed).Duration() > MaxSkew) throw S3Errors.RequestTimeTooSkewed(signed, now, MaxSkew).AsException();
        var timestamp = Timestamp(signed);
        if (authorization.Date != timestamp[..8])
            throw SigV4Authorization.Malformed("the date of the credential is not that of the request");
        return timestamp;
    }

    static string Timestamp(DateTimeOffset time) => time.ToString(DateFormat, CultureInfo.InvariantCulture);

    static bool TryReadDate(HttpRequest request, out DateTimeOffset date) =>
        request.Headers.TryGetValue("x-amz-date", out var own)
            ? TryParseDate(own, out date)
            : DateTimeOffset.TryParseExact(request.Headers.Date, "R", CultureInfo.InvariantCulture, Utc, out date);

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

    static (string Hash, SignedPayload Payload) Payload(string hash)
    {
        if (hash == Unsigned) return (hash, new SignedPayload(null));
        if (hash.StartsWith("STREAMING-", StringComparison.Ordinal))
            throw S3Errors.NotImplemented($"The x-amz-content-sha256 {hash}").AsException();
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower))
            throw S3Errors.InvalidArgument(PayloadHeader, hash,
                $"x-amz-content-sha256 must be {Unsigned} or a SHA-256 in lower-case hexadecimal.").AsException();
        return (hash, new SignedPayload(Convert.FromHexString(hash)));
    }

    static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
