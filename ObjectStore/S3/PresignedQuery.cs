using System.Globalization;

namespace SdAspire.ObjectStore.S3;

/// <summary>
/// The signature of a presigned URL, which its query carries. Whatever is wrong with it is refused like a wrong signature:
/// a URL is either exactly one that the account gave out, or worthless.
/// </summary>
internal sealed record PresignedQuery(SigV4Authorization Authorization, DateTimeOffset Signed, TimeSpan Lifetime)
{
    public const string SignatureName = "X-Amz-Signature";
    public const string PayloadName = "X-Amz-Content-Sha256";

    const string Algorithm = "X-Amz-Algorithm";
    const string Credential = "X-Amz-Credential";
    const string Date = "X-Amz-Date";
    const string Expires = "X-Amz-Expires";
    const string SignedHeaders = "X-Amz-SignedHeaders";
    const int MaxSeconds = 7 * 24 * 60 * 60;

    static readonly string[] Required = [Algorithm, Credential, Date, Expires, SignedHeaders, SignatureName];

    public static bool IsIn(RawTarget target) => Required.Any(name => target[name] is not null);

    /// <exception cref="S3Exception">AuthorizationQueryParametersError.</exception>
    public static PresignedQuery Parse(RawTarget target)
    {
        foreach (var name in Required)
        {
            if (target.Query.Count(parameter => parameter.Name == name) != 1)
                throw Wrong($"{string.Join(", ", Required)} must be there, each once");
        }
        if (target[Algorithm] != SigV4Authorization.Algorithm)
            throw Wrong($"{Algorithm} must be {SigV4Authorization.Algorithm}");
        if (!SigV4Authenticator.TryParseDate(target[Date], out var signed))
            throw Wrong($"{Date} must be of the form 20261231T235959Z");
        if (!int.TryParse(target[Expires], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds is < 1 or > MaxSeconds)
            throw Wrong($"{Expires} must be a number of seconds from 1 to {MaxSeconds}");
        var authorization = SigV4Authorization.Of(target[Credential], target[SignedHeaders], target[SignatureName], Wrong);
        return new PresignedQuery(authorization, signed, TimeSpan.FromSeconds(seconds));
    }

    /// <exception cref="S3Exception">NotImplemented: a header that was moved into the query is not dropped.</exception>
    public static void RefuseUnsupported(RawTarget target)
    {
        var other = target.Query.FirstOrDefault(parameter =>
            parameter.Name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
            && parameter.Name != PayloadName && !Required.Contains(parameter.Name)).Name;
        if (other is not null) throw S3Errors.NotImplemented($"The parameter {other}").AsException();
    }

    public static S3Exception Wrong(string why) => S3Errors.AuthorizationQueryParametersError(why).AsException();
}
