namespace SdAspire.ObjectStore.S3;

/// <summary>The parts of a signature, as an <c>Authorization: AWS4-HMAC-SHA256 …</c> header or a query carries them.</summary>
internal sealed record SigV4Authorization(
    string AccessKey, string Date, string Region, string Service, IReadOnlyList<string> SignedHeaders, byte[] Signature)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string Terminator = "aws4_request";

    public string Scope => $"{Date}/{Region}/{Service}/{Terminator}";

    /// <exception cref="S3Exception">InvalidRequest for another mechanism, AuthorizationHeaderMalformed.</exception>
    public static SigV4Authorization Parse(string header)
    {
        if (!header.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            throw S3Errors.InvalidRequest(
                $"The authorization mechanism you have provided is not supported. Please use {Algorithm}.").AsException();

        string? credential = null, signedHeaders = null, signature = null;
        foreach (var part in header[Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            if (Value(part, "Credential=") is { } c && credential is null) credential = c;
            else if (Value(part, "SignedHeaders=") is { } h && signedHeaders is null) signedHeaders = h;
            else if (Value(part, "Signature=") is { } s && signature is null) signature = s;
            else throw Malformed("it must hold Credential, SignedHeaders and Signature, each once");
        }

        return Of(credential, signedHeaders, signature, Malformed);
    }

    /// <summary>Puts the parts together; <paramref name="malformed"/> says what is wrong with one where they came from.</summary>
    public static SigV4Authorization Of(
        string? credential, string? signedHeaders, string? signature, Func<string, S3Exception> malformed)
    {
        if (credential?.Split('/') is not [var accessKey, var date, var region, var service, Terminator])
            throw malformed($"the credential must be ACCESS-KEY/DATE/REGION/SERVICE/{Terminator}");
        if (signedHeaders?.Split(';') is not { } names || names.Any(name => name == "" || name.Any(char.IsAsciiLetterUpper)))
            throw malformed("SignedHeaders must be names in lower case with a semicolon between them");
        if (signature is not { Length: 64 } || !signature.All(char.IsAsciiHexDigitLower))
            throw malformed("the signature must be 64 lower-case hexadecimal digits");
        return new SigV4Authorization(accessKey, date, region, service, names, Convert.FromHexString(signature));
    }

    public static S3Exception Malformed(string why) =>
        S3Errors.AuthorizationHeaderMalformed(why).AsException();

    static string? Value(string part, string name) =>
        part.StartsWith(name, StringComparison.Ordinal) ? part[name.Length..] : null;
}
